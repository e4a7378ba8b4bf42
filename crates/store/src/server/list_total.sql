-- How many living records of this kind do these villages have?
SELECT COUNT(*) FROM record WHERE kind = ?1 AND kind NOT IN ('room', 'stay', 'visit', 'visit_person', 'access')
  AND dead IS NULL AND area IN (SELECT value FROM json_each(?2))
