-- Which living records name that one?
SELECT record.id AS id, record.kind AS kind, record.groups AS groups, record.dead AS dead
FROM record_ref JOIN record ON record.id = record_ref.record
WHERE record_ref.target = ?1 AND record.dead IS NULL
ORDER BY record.id
