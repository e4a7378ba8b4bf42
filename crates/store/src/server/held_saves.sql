-- Which saves wait for a decision, the oldest first: of these villages, this device, this account, received in this time?
SELECT number, txn, device, account, area, why, save, changes, received_unix_ms, state, decided_by, decided_unix_ms, note
FROM quarantine
WHERE number > :after
  AND (:decided OR state = 'open')
  AND (:areas IS NULL OR area IN (SELECT value FROM json_each(:areas)))
  AND (:device IS NULL OR device = :device)
  AND (:account IS NULL OR account = :account)
  AND received_unix_ms >= :from AND received_unix_ms < :until
ORDER BY number
LIMIT :limit
