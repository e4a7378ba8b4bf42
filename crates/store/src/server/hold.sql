-- Holds a save until somebody of the station decides.
INSERT INTO quarantine (txn, device, account, area, why, save, changes, bytes, received_unix_ms)
VALUES (:txn, :device, :account, :area, :why, :save, :changes, :bytes, :received)
