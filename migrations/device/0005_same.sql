-- A person may be another name of somebody, and a registration part of another. An older version kept what the server said of
-- that and did not know that it names a record.
INSERT OR IGNORE INTO record (id, kind)
SELECT DISTINCT unhex(replace(named, '-', '')), 0
FROM (SELECT coalesce(json_extract(said, '$.alias.of'), json_extract(said, '$.merged.into')) AS named FROM record
      WHERE instr(said, '"alias"') > 0 OR instr(said, '"merged"') > 0)
WHERE length(named) = 36;

INSERT OR IGNORE INTO record_ref (target, kind, record)
SELECT named.no, naming.kind, naming.no
FROM record AS naming
JOIN record AS named ON named.id = unhex(replace(
    coalesce(json_extract(naming.said, '$.alias.of'), json_extract(naming.said, '$.merged.into')), '-', ''))
JOIN word ON word.no = naming.kind
WHERE (word.text = 'person' AND instr(naming.said, '"alias"') > 0)
   OR (word.text = 'residency' AND instr(naming.said, '"merged"') > 0);

-- Who is meant is in the lists; the other name is not.
DELETE FROM person_row WHERE record IN (SELECT no FROM record WHERE instr(said, '"alias"') > 0 AND json_extract(said, '$.alias.of') IS NOT NULL);
DELETE FROM term WHERE record IN (SELECT no FROM record WHERE instr(said, '"alias"') > 0 AND json_extract(said, '$.alias.of') IS NOT NULL);
DELETE FROM term_of WHERE record IN (SELECT no FROM record WHERE instr(said, '"alias"') > 0 AND json_extract(said, '$.alias.of') IS NOT NULL);
DELETE FROM document_row WHERE person IN (SELECT no FROM record WHERE instr(said, '"alias"') > 0 AND json_extract(said, '$.alias.of') IS NOT NULL);
DELETE FROM todo WHERE record IN (SELECT no FROM record WHERE instr(said, '"merged"') > 0 AND json_extract(said, '$.merged.into') IS NOT NULL);
