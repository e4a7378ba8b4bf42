-- A device's file. Ground tables only grow; derived tables may be dropped and rebuilt.

-- Who this file belongs to, where its clocks and counters stand.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Ground: what the server last said of a record, and what a person sees when own unanswered changes lie on top.
CREATE TABLE record (
    id      TEXT NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    said    TEXT,                          -- groups as JSON; NULL until the server has spoken
    said_dead TEXT,                        -- origin of a deletion
    shown   TEXT,                          -- NULL when nothing lies on top
    shown_dead TEXT,
    waiting INTEGER NOT NULL DEFAULT 0,    -- unanswered changes
    has_left INTEGER NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1))
) STRICT;
CREATE INDEX record_by_kind ON record (kind, id);
CREATE INDEX record_waiting ON record (id) WHERE waiting > 0;

-- Which record names which.
CREATE TABLE record_ref (
    record TEXT NOT NULL,
    kind   TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT;
CREATE INDEX record_ref_by_target ON record_ref (target, kind);
CREATE INDEX record_ref_by_record ON record_ref (record);

-- What each granted scope holds here; the hash is computed from what is stored, never copied.
CREATE TABLE record_scope (
    scope  TEXT NOT NULL,
    record TEXT NOT NULL,
    hash   TEXT NOT NULL,
    PRIMARY KEY (scope, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_scope_by_record ON record_scope (record);

CREATE TABLE scope (
    scope        TEXT NOT NULL PRIMARY KEY,
    cursor       TEXT,
    sum          TEXT NOT NULL DEFAULT '00000000000000000000000000000000',
    count        INTEGER NOT NULL DEFAULT 0,
    server_sum   TEXT NOT NULL DEFAULT '',
    server_count INTEGER NOT NULL DEFAULT 0,
    complete     INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
) STRICT;

-- The outbox and its past. Rows are written once; only the state and the verdict change.
CREATE TABLE change (
    seq              INTEGER NOT NULL PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    txn              TEXT NOT NULL,
    record           TEXT NOT NULL,
    kind             TEXT NOT NULL,
    body             TEXT NOT NULL,
    saved_unix_ms    INTEGER NOT NULL,
    state            TEXT NOT NULL DEFAULT 'waiting'
                     CHECK (state IN ('waiting', 'ok', 'merged', 'refused', 'resent', 'discarded')),
    verdict          TEXT NOT NULL DEFAULT '',
    answered_unix_ms INTEGER
) STRICT;
CREATE INDEX change_by_record ON change (record, seq);
CREATE INDEX change_by_txn ON change (txn);
CREATE INDEX change_waiting ON change (seq) WHERE state = 'waiting';
CREATE INDEX change_refused ON change (seq) WHERE state = 'refused';
CREATE INDEX change_by_time ON change (saved_unix_ms);

-- Forms as they are being typed.
CREATE TABLE draft (
    key         TEXT NOT NULL PRIMARY KEY,
    body        TEXT NOT NULL,
    kept_unix_ms INTEGER NOT NULL
) STRICT;

-- Derived from here on.
CREATE TABLE unit_row (
    id        TEXT NOT NULL PRIMARY KEY,
    area      TEXT NOT NULL,
    sort      TEXT NOT NULL,
    title     TEXT NOT NULL,
    norm_key  TEXT NOT NULL,
    landlord  TEXT NOT NULL,
    state     TEXT NOT NULL,
    people    INTEGER NOT NULL,
    waiting   INTEGER NOT NULL
) STRICT;
CREATE INDEX unit_row_in_order ON unit_row (sort, id);
CREATE INDEX unit_row_in_area ON unit_row (area, sort, id);

CREATE TABLE person_row (
    id        TEXT NOT NULL PRIMARY KEY,
    sort      TEXT NOT NULL,
    name      TEXT NOT NULL,
    document  TEXT NOT NULL,
    home      TEXT NOT NULL,
    standing  TEXT NOT NULL,
    waiting   INTEGER NOT NULL
) STRICT;
CREATE INDEX person_row_in_order ON person_row (sort, id);

-- What can be typed into a search, each the beginning of something: names from every character on, pinyin, initials, tails.
CREATE TABLE term (
    kind TEXT NOT NULL,
    term TEXT NOT NULL,
    id   TEXT NOT NULL,
    PRIMARY KEY (kind, term, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX term_by_id ON term (id);

-- Who on this device has which document.
CREATE TABLE document_row (
    doc_type TEXT NOT NULL,
    doc_no   TEXT NOT NULL,
    person   TEXT NOT NULL,
    PRIMARY KEY (doc_type, doc_no, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_row_by_person ON document_row (person);

-- What somebody has to do about a record, from facts; never a flag that can go stale.
CREATE TABLE todo (
    record TEXT NOT NULL,
    kind   TEXT NOT NULL,
    unit   TEXT,
    due_on TEXT NOT NULL,
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX todo_by_record ON todo (record);
CREATE INDEX todo_in_order ON todo (due_on, record);

CREATE TABLE report_row (
    id       TEXT NOT NULL PRIMARY KEY,
    unit     TEXT NOT NULL,
    sort     TEXT NOT NULL,
    open     INTEGER NOT NULL
) STRICT;
CREATE INDEX report_row_in_order ON report_row (sort DESC, id DESC);
CREATE INDEX report_row_of_unit ON report_row (unit, sort DESC, id DESC);
