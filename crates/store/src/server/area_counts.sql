-- How many living records of each kind and state does every village have?
SELECT area, kind, state, COUNT(*) AS count FROM record
WHERE dead IS NULL AND area <> '' AND kind NOT IN ('room', 'stay', 'visit', 'visit_person', 'access')
  AND kind IN ('unit', 'residency', 'report', 'conflict', 'duplicate')
GROUP BY area, kind, state
ORDER BY area, kind, state
