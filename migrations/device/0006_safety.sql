-- Safety checks, hazards, re-checks and letters name homes and each other. An older version kept what the server said of them and did
-- not know whom they name.
CREATE TEMP TABLE named_by AS
SELECT record.no AS record, record.kind AS kind, unhex(replace(one.value, '-', '')) AS target
FROM word
JOIN record ON record.kind = word.no AND record.said IS NOT NULL
JOIN json_each(json_array(
    json_extract(record.said, '$.fact.unit'),
    json_extract(record.said, '$.fact.hazard'),
    json_extract(record.said, '$.what.unit'),
    json_extract(record.said, '$.what.inspection'),
    json_extract(record.said, '$.state.recheck')
)) AS one
WHERE word.text IN ('inspection', 'letter', 'hazard', 'recheck') AND length(one.value) = 36;

INSERT OR IGNORE INTO record (id, kind) SELECT DISTINCT target, 0 FROM named_by WHERE target IS NOT NULL;

INSERT OR IGNORE INTO record_ref (target, kind, record)
SELECT named.no, named_by.kind, named_by.record FROM named_by JOIN record AS named ON named.id = named_by.target;

-- What is to do about a hazard was in no list.
INSERT OR REPLACE INTO meta (key, value) SELECT 'derive_from', '0' WHERE EXISTS (SELECT 1 FROM named_by);

DROP TABLE named_by;
