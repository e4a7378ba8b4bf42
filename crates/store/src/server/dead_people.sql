-- Which records of this kind in these villages were taken back as mistakes, found by these words?
SELECT id FROM record
WHERE kind = ?1 AND dead IS NOT NULL AND area IN (SELECT value FROM json_each(?2)) AND search LIKE ?3 ESCAPE '\'
ORDER BY received_unix_ms DESC, id DESC
LIMIT ?4
