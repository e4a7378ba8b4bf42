-- How many registrations of these villages began on one of these days? What became part of another one counts once, with it.
SELECT COUNT(*) FROM record WHERE kind = 'residency' AND kind NOT IN ('room', 'stay', 'visit', 'visit_person', 'access')
  AND dead IS NULL AND area IN (SELECT value FROM json_each(?1)) AND state <> 'merged'
  AND json_extract(groups, '$.declared.f.registered_on') BETWEEN ?2 AND ?3
