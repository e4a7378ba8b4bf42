-- Which homes belong to the landlord with this phone? Asked when his account is made, not at every save.
SELECT id, kind, groups, dead FROM record
WHERE kind = 'unit' AND json_extract(groups, '$.landlord.f.phone') = ?1
ORDER BY id
