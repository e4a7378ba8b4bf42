-- Which living records of this kind do these villages have, newest first, after that row?
SELECT id, kind, area, title, detail, state, received_unix_ms FROM record
WHERE kind = ?1 AND kind NOT IN ('room', 'stay', 'visit', 'visit_person', 'access')
  AND dead IS NULL AND area IN (SELECT value FROM json_each(?2)) AND search LIKE ?3 ESCAPE '\'
  AND (?7 = '[]' OR state IN (SELECT value FROM json_each(?7)))
  AND (received_unix_ms < ?4 OR (received_unix_ms = ?4 AND id < ?5))
ORDER BY received_unix_ms DESC, id DESC
LIMIT ?6
