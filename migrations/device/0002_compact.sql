-- The same file in a third of the space: ids and hashes as 16 bytes, kinds and scopes as small numbers, records named by
-- their number inside the file, the origins of a record's values as a few bytes beside its text. The outbox stays as it was.
-- `pack_groups` and `pack_origins` are given by the program (crates/store/src/device/packed.rs).

DROP INDEX record_by_kind;
DROP INDEX record_waiting;
DROP INDEX record_ref_by_target;
DROP INDEX record_ref_by_record;
DROP INDEX unit_row_in_order;
DROP INDEX unit_row_in_area;
DROP INDEX person_row_in_order;
DROP INDEX term_by_id;
DROP INDEX document_row_by_person;
DROP INDEX todo_by_record;
DROP INDEX todo_in_order;
DROP INDEX report_row_in_order;
DROP INDEX report_row_of_unit;
ALTER TABLE record RENAME TO old_record;
ALTER TABLE record_ref RENAME TO old_record_ref;
ALTER TABLE record_scope RENAME TO old_record_scope;
ALTER TABLE scope RENAME TO old_scope;
ALTER TABLE unit_row RENAME TO old_unit_row;
ALTER TABLE person_row RENAME TO old_person_row;
ALTER TABLE term RENAME TO old_term;
ALTER TABLE document_row RENAME TO old_document_row;
ALTER TABLE todo RENAME TO old_todo;
ALTER TABLE report_row RENAME TO old_report_row;

-- Names of kinds and of things to do, each once. Number 0 is nobody's: the kind of a record that is only named by others.
CREATE TABLE word (
    no   INTEGER NOT NULL PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE scope (
    no           INTEGER NOT NULL PRIMARY KEY,
    scope        TEXT NOT NULL UNIQUE,
    cursor       TEXT,
    sum          TEXT NOT NULL DEFAULT '00000000000000000000000000000000',
    count        INTEGER NOT NULL DEFAULT 0,
    server_sum   TEXT NOT NULL DEFAULT '',
    server_count INTEGER NOT NULL DEFAULT 0,
    complete     INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
) STRICT;

-- Ground: what the server last said of a record, and what a person sees when own unanswered changes lie on top.
-- What sync needs of every record comes first, in a few bytes; whoever adds it up reads no text.
CREATE TABLE record (
    no            INTEGER NOT NULL PRIMARY KEY,
    id            BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind          INTEGER NOT NULL,             -- a word; 0: only named by another record, not here
    scope         INTEGER,                      -- one scope that holds it; record_also has the others
    hash          BLOB,                         -- what it adds to that scope's sum; NULL: the hash of `said` as it stands
    waiting       INTEGER NOT NULL DEFAULT 0,   -- unanswered changes
    has_left      INTEGER NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1)),
    said_origins  BLOB NOT NULL DEFAULT x'',
    shown_origins BLOB NOT NULL DEFAULT x'',
    said_dead     TEXT,                         -- origin of a deletion
    shown_dead    TEXT,
    said          TEXT,                         -- {group: fields}; NULL until the server has spoken
    shown         TEXT                          -- NULL when nothing lies on top
) STRICT;
CREATE INDEX record_by_kind ON record (kind);

-- A record in a second scope and further ones.
CREATE TABLE record_also (
    record INTEGER NOT NULL,
    scope  INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;

-- Which record names which.
CREATE TABLE record_ref (
    target INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (target, kind, record)
) STRICT, WITHOUT ROWID;

-- Derived from here on.
CREATE TABLE unit_row (
    record   INTEGER NOT NULL PRIMARY KEY,
    area     TEXT NOT NULL,
    sort     TEXT NOT NULL,                     -- begins with the area
    title    TEXT NOT NULL,
    norm_key TEXT NOT NULL,
    landlord TEXT NOT NULL,
    state    TEXT NOT NULL,
    people   INTEGER NOT NULL,
    waiting  INTEGER NOT NULL
) STRICT;
CREATE INDEX unit_row_in_order ON unit_row (sort);

CREATE TABLE person_row (
    record   INTEGER NOT NULL PRIMARY KEY,
    sort     TEXT NOT NULL,
    name     TEXT NOT NULL,
    document TEXT NOT NULL,
    home     TEXT NOT NULL,
    standing TEXT NOT NULL,
    waiting  INTEGER NOT NULL
) STRICT;
CREATE INDEX person_row_in_order ON person_row (sort);

-- What can be typed into a search, each the beginning of something: names from every character on, pinyin, initials, tails.
CREATE TABLE term (
    kind   INTEGER NOT NULL,
    term   TEXT NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (kind, term, record)
) STRICT, WITHOUT ROWID;

-- The same by record, a line each: half the size of an index.
CREATE TABLE term_of (
    record INTEGER NOT NULL PRIMARY KEY,
    kind   INTEGER NOT NULL,
    terms  TEXT NOT NULL
) STRICT;

-- Who on this device has which document.
CREATE TABLE document_row (
    person   INTEGER NOT NULL PRIMARY KEY,
    doc_type TEXT NOT NULL,
    doc_no   TEXT NOT NULL
) STRICT;
CREATE INDEX document_row_by_number ON document_row (doc_no);

-- What somebody has to do about a record, from facts; never a flag that can go stale.
CREATE TABLE todo (
    record INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    unit   INTEGER,
    due_on TEXT NOT NULL,
    PRIMARY KEY (record, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX todo_in_order ON todo (due_on);

CREATE TABLE report_row (
    record INTEGER NOT NULL PRIMARY KEY,
    unit   INTEGER,
    sort   TEXT NOT NULL,
    open   INTEGER NOT NULL
) STRICT;
CREATE INDEX report_row_in_order ON report_row (sort);
CREATE INDEX report_row_of_unit ON report_row (unit, sort);

-- What was there moves in.
INSERT INTO word (text)
SELECT kind FROM old_record UNION SELECT kind FROM old_record_ref UNION SELECT kind FROM old_term UNION SELECT kind FROM old_todo;

INSERT INTO scope (scope, cursor, sum, count, server_sum, server_count, complete)
SELECT scope, cursor, sum, count, server_sum, server_count, complete FROM old_scope ORDER BY rowid;

INSERT INTO record (id, kind, waiting, has_left, said_origins, shown_origins, said_dead, shown_dead, said, shown)
SELECT unhex(replace(id, '-', '')), (SELECT no FROM word WHERE text = kind), waiting, has_left,
       pack_origins(id, said), pack_origins(id, shown), said_dead, shown_dead, pack_groups(said), pack_groups(shown)
FROM old_record ORDER BY rowid;

-- The hash stays as it was counted: whether it is that of `said` is not known here.
UPDATE record SET (scope, hash) = (
    SELECT scope.no, unhex(old.hash)
    FROM old_record_scope AS old JOIN scope ON scope.scope = old.scope
    WHERE old.record = lower(substr(hex(record.id), 1, 8) || '-' || substr(hex(record.id), 9, 4) || '-'
                             || substr(hex(record.id), 13, 4) || '-' || substr(hex(record.id), 17, 4) || '-'
                             || substr(hex(record.id), 21))
      AND scope.no = (SELECT min(first.no) FROM old_record_scope AS one JOIN scope AS first ON first.scope = one.scope
                      WHERE one.record = old.record)
);
INSERT INTO record_also (record, scope, hash)
SELECT record.no, scope.no, unhex(old.hash)
FROM old_record_scope AS old
JOIN scope ON scope.scope = old.scope
JOIN record ON record.id = unhex(replace(old.record, '-', ''))
WHERE scope.no <> record.scope;

INSERT OR IGNORE INTO record (id, kind) SELECT DISTINCT unhex(replace(target, '-', '')), 0 FROM old_record_ref;
INSERT OR IGNORE INTO record_ref (target, kind, record)
SELECT named.no, (SELECT no FROM word WHERE text = old.kind), naming.no
FROM old_record_ref AS old
JOIN record AS named ON named.id = unhex(replace(old.target, '-', ''))
JOIN record AS naming ON naming.id = unhex(replace(old.record, '-', ''));

INSERT INTO unit_row (record, area, sort, title, norm_key, landlord, state, people, waiting)
SELECT no, area, sort, title, norm_key, landlord, state, people, old.waiting
FROM old_unit_row AS old JOIN record ON record.id = unhex(replace(old.id, '-', ''));

INSERT INTO person_row (record, sort, name, document, home, standing, waiting)
SELECT no, sort, name, document, home, standing, old.waiting
FROM old_person_row AS old JOIN record ON record.id = unhex(replace(old.id, '-', ''));

INSERT INTO term (kind, term, record)
SELECT (SELECT no FROM word WHERE text = old.kind), term, no
FROM old_term AS old JOIN record ON record.id = unhex(replace(old.id, '-', ''));
INSERT INTO term_of (record, kind, terms) SELECT record, kind, group_concat(term, char(10)) FROM term GROUP BY record, kind;

INSERT OR IGNORE INTO document_row (person, doc_type, doc_no)
SELECT no, doc_type, doc_no FROM old_document_row AS old JOIN record ON record.id = unhex(replace(old.person, '-', ''));

INSERT INTO todo (record, kind, unit, due_on)
SELECT no, (SELECT no FROM word WHERE text = old.kind),
       (SELECT home.no FROM record AS home WHERE home.id = unhex(replace(old.unit, '-', ''))), due_on
FROM old_todo AS old JOIN record ON record.id = unhex(replace(old.record, '-', ''));

INSERT INTO report_row (record, unit, sort, open)
SELECT no, (SELECT home.no FROM record AS home WHERE home.id = unhex(replace(old.unit, '-', ''))), sort, open
FROM old_report_row AS old JOIN record ON record.id = unhex(replace(old.id, '-', ''));

DROP TABLE old_record;
DROP TABLE old_record_ref;
DROP TABLE old_record_scope;
DROP TABLE old_scope;
DROP TABLE old_unit_row;
DROP TABLE old_person_row;
DROP TABLE old_term;
DROP TABLE old_document_row;
DROP TABLE old_todo;
DROP TABLE old_report_row;
