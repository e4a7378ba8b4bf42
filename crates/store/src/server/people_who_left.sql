-- Which living records of this kind left one of these villages, found by these words? A village's scope is named `a:` and its code.
SELECT record.id AS id, substr(record_scope.scope, 3) AS area, record_scope.left_unix_ms AS left_unix_ms
FROM json_each(?2) AS village
JOIN record_scope ON record_scope.scope = 'a:' || village.value AND record_scope.gone = 1
JOIN record ON record.id = record_scope.record
WHERE record.kind = ?1 AND record.dead IS NULL AND record.search LIKE ?3 ESCAPE '\'
ORDER BY record_scope.left_unix_ms DESC
LIMIT ?4
