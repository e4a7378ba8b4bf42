-- Which living records are of this kind? Only of kinds that stand in the index of lists.
SELECT id, kind, groups, dead FROM record
WHERE kind = ?1 AND kind NOT IN ('room', 'stay', 'visit', 'visit_person', 'access') AND dead IS NULL
ORDER BY id
