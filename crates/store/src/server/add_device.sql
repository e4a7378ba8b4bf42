-- Which device is new?
INSERT INTO device (number, account, secret_hash, install, model, version, enrolled_unix_ms, was, renewed_for)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
