-- Ids and hashes become bytes: half the size in every index, and nothing is formatted or parsed on the way. A table keeps the
-- indexes that a question needs and no more, because a push pays for each of them with every change.

CREATE TABLE record_bytes (
    id               BLOB    NOT NULL PRIMARY KEY,
    kind             TEXT    NOT NULL,
    groups           TEXT    NOT NULL,
    dead             TEXT,
    received_unix_ms INTEGER NOT NULL,
    area             TEXT    NOT NULL DEFAULT '',
    title            TEXT    NOT NULL DEFAULT '',
    detail           TEXT    NOT NULL DEFAULT '',
    state            TEXT    NOT NULL DEFAULT '',
    search           TEXT    NOT NULL DEFAULT ''
) STRICT;
INSERT INTO record_bytes (id, kind, groups, dead, received_unix_ms, area, title, detail, state, search)
SELECT unhex(replace(id, '-', '')), kind, groups, dead, received_unix_ms, area, title, detail, state, search
FROM record ORDER BY id;
DROP TABLE record;
ALTER TABLE record_bytes RENAME TO record;
-- What no list shows is not in the lists' index; a question that uses it repeats the condition.
CREATE INDEX record_list ON record (kind, area, received_unix_ms, id)
WHERE kind NOT IN ('room', 'stay', 'visit', 'visit_person', 'access');

CREATE TABLE record_ref_bytes (
    target BLOB NOT NULL,
    record BLOB NOT NULL,
    kind   TEXT NOT NULL,
    PRIMARY KEY (target, record)
) STRICT, WITHOUT ROWID;
INSERT INTO record_ref_bytes (target, record, kind)
SELECT unhex(replace(target, '-', '')), unhex(replace(record, '-', '')), kind FROM record_ref ORDER BY target, record;
DROP TABLE record_ref;
ALTER TABLE record_ref_bytes RENAME TO record_ref;

CREATE TABLE record_scope_bytes (
    record       BLOB    NOT NULL,
    scope        TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    -- What it adds to the scope's digest; empty when it adds nothing (gone or dead).
    hash         BLOB    NOT NULL DEFAULT x'',
    -- It left the scope: an exit, taken back when it comes again.
    gone         INTEGER NOT NULL DEFAULT 0,
    left_unix_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO record_scope_bytes (record, scope, version, hash, gone, left_unix_ms)
SELECT unhex(replace(record, '-', '')), scope, version, unhex(hash), gone, left_unix_ms FROM record_scope ORDER BY record, scope;
DROP TABLE record_scope;
ALTER TABLE record_scope_bytes RENAME TO record_scope;
CREATE INDEX record_scope_version ON record_scope (scope, version, record);

-- `number` is the order of arrival. `verdict` is empty where the values stand; `place` counts the changes of a save from 0.
CREATE TABLE change_bytes (
    number           INTEGER NOT NULL PRIMARY KEY,
    id               BLOB    NOT NULL UNIQUE,
    device           INTEGER NOT NULL,
    seq              INTEGER NOT NULL,
    author           BLOB    NOT NULL,
    txn              BLOB    NOT NULL,
    place            INTEGER NOT NULL,
    record           BLOB    NOT NULL,
    kind             TEXT    NOT NULL,
    verb             TEXT    NOT NULL,
    schema           INTEGER NOT NULL,
    origin           TEXT    NOT NULL,
    groups           TEXT    NOT NULL,
    refused          INTEGER NOT NULL,
    verdict          TEXT    NOT NULL DEFAULT '',
    received_unix_ms INTEGER NOT NULL
) STRICT;
INSERT INTO change_bytes (id, device, seq, author, txn, place, record, kind, verb, schema, origin, groups, refused, verdict,
                          received_unix_ms)
SELECT unhex(replace(id, '-', '')), device, seq, unhex(replace(author, '-', '')), unhex(replace(txn, '-', '')),
       row_number() OVER (PARTITION BY txn ORDER BY received_unix_ms, change.rowid) - 1,
       unhex(replace(record, '-', '')), json_extract(json, '$.kind'), verb, json_extract(json, '$.schema'),
       origin, json_extract(json, '$.groups'), refused, CASE verdict WHEN '{"is":"ok"}' THEN '' ELSE verdict END, received_unix_ms
FROM change ORDER BY received_unix_ms, change.rowid;
DROP TABLE change;
ALTER TABLE change_bytes RENAME TO change;
CREATE UNIQUE INDEX change_position ON change (device, seq);
CREATE INDEX change_record ON change (record);
CREATE INDEX change_txn ON change (txn) WHERE place = 0;
CREATE INDEX change_refused ON change (record) WHERE refused = 1;
