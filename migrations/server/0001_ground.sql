-- The server's one file. Ground tables only grow columns; the columns of `record` after `received_unix_ms` are derived from
-- its groups and may be written anew.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Numbers the server gives out. `restore` skips every one of them ahead.
CREATE TABLE counter (
    name  TEXT    NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE area (
    code   TEXT NOT NULL PRIMARY KEY,
    name   TEXT NOT NULL,
    level  TEXT NOT NULL CHECK (level IN ('county', 'township', 'village')),
    parent TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX area_parent ON area (parent);

CREATE TABLE account (
    id              TEXT    NOT NULL PRIMARY KEY,
    login           TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('coordinator', 'landlord', 'officer', 'admin')),
    phone           TEXT    NOT NULL DEFAULT '',
    password_hash   TEXT    NOT NULL,
    disabled        INTEGER NOT NULL DEFAULT 0,
    created_unix_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX account_phone ON account (phone);

-- What an account is responsible for: codes of villages, townships or the county.
CREATE TABLE account_area (
    account TEXT NOT NULL,
    area    TEXT NOT NULL,
    PRIMARY KEY (account, area)
) STRICT;
CREATE INDEX account_area_area ON account_area (area);

-- One-time codes that set a forgotten password anew.
CREATE TABLE account_code (
    account         TEXT    NOT NULL PRIMARY KEY,
    hash            TEXT    NOT NULL,
    expires_unix_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
    number           INTEGER NOT NULL PRIMARY KEY,
    account          TEXT    NOT NULL,
    -- Empty for a desk, which nobody can authenticate as.
    secret_hash      TEXT    NOT NULL,
    install          TEXT    NOT NULL DEFAULT '',
    model            TEXT    NOT NULL DEFAULT '',
    version          TEXT    NOT NULL DEFAULT '',
    last_seq         INTEGER NOT NULL DEFAULT 0,
    last_change      TEXT    NOT NULL DEFAULT '',
    newest_seq       INTEGER NOT NULL DEFAULT 0,
    revoked          INTEGER NOT NULL DEFAULT 0,
    enrolled_unix_ms INTEGER NOT NULL,
    seen_unix_ms     INTEGER,
    clock_ahead_ms   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX device_account ON device (account);

CREATE TABLE enrol_code (
    hash            TEXT    NOT NULL PRIMARY KEY,
    account         TEXT    NOT NULL,
    expires_unix_ms INTEGER NOT NULL,
    used            INTEGER NOT NULL DEFAULT 0,
    tries           INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Somebody signed in at the desk; only the token's hash is kept.
CREATE TABLE session (
    hash            TEXT    NOT NULL PRIMARY KEY,
    account         TEXT    NOT NULL,
    created_unix_ms INTEGER NOT NULL,
    seen_unix_ms    INTEGER NOT NULL
) STRICT;

CREATE TABLE record (
    id               TEXT    NOT NULL PRIMARY KEY,
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
CREATE INDEX record_list ON record (kind, area, received_unix_ms, id);

-- Which record names which: who hangs on a home, on a person.
CREATE TABLE record_ref (
    record TEXT NOT NULL,
    kind   TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (record, target)
) STRICT;
CREATE INDEX record_ref_target ON record_ref (target, kind);

CREATE TABLE scope (
    id    TEXT    NOT NULL PRIMARY KEY,
    head  INTEGER NOT NULL DEFAULT 0,
    -- Sum of the record hashes modulo 2^128, 32 hexadecimal digits.
    sum   TEXT    NOT NULL DEFAULT '00000000000000000000000000000000',
    count INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A random tag for each version, so that a cursor of a rolled-back history is noticed.
CREATE TABLE scope_version (
    scope   TEXT    NOT NULL,
    version INTEGER NOT NULL,
    tag     TEXT    NOT NULL,
    PRIMARY KEY (scope, version)
) STRICT;

CREATE TABLE record_scope (
    scope        TEXT    NOT NULL,
    record       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    -- What it adds to the scope's digest; empty when it adds nothing (gone or dead).
    hash         TEXT    NOT NULL DEFAULT '',
    -- It left the scope: an exit, taken back when it comes again.
    gone         INTEGER NOT NULL DEFAULT 0,
    left_unix_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, record)
) STRICT;
CREATE INDEX record_scope_version ON record_scope (scope, version);
CREATE INDEX record_scope_record ON record_scope (record);

-- Every change that was ever pushed, refused ones too, with its verdict: what a repeated request is answered from.
CREATE TABLE change (
    id               TEXT    NOT NULL PRIMARY KEY,
    device           INTEGER NOT NULL,
    seq              INTEGER NOT NULL,
    author           TEXT    NOT NULL,
    txn              TEXT    NOT NULL,
    record           TEXT    NOT NULL,
    verb             TEXT    NOT NULL,
    origin           TEXT    NOT NULL,
    refused          INTEGER NOT NULL,
    json             TEXT    NOT NULL,
    verdict          TEXT    NOT NULL,
    received_unix_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX change_position ON change (device, seq);
CREATE INDEX change_record ON change (record, received_unix_ms);
CREATE INDEX change_txn ON change (txn);

-- Who did what, without personal values. Each line's hash covers the one before.
CREATE TABLE audit (
    number     INTEGER NOT NULL PRIMARY KEY,
    at_unix_ms INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    hash       TEXT    NOT NULL
) STRICT;
