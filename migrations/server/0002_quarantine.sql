-- Work that came too late for the register: from a revoked device, a shut-out account, an area that was taken away, or after
-- a restore. A person of the station decides. Nothing here is deleted by a timer.
CREATE TABLE quarantine (
    number           INTEGER NOT NULL PRIMARY KEY,
    txn              TEXT    NOT NULL,
    device           INTEGER NOT NULL,
    account          TEXT    NOT NULL,
    -- The village whose station is asked; empty when it cannot be told.
    area             TEXT    NOT NULL DEFAULT '',
    why              TEXT    NOT NULL,
    -- The save as it was pushed; `[]` once it was taken in, since its values stand in the register then.
    save             TEXT    NOT NULL,
    changes          INTEGER NOT NULL,
    bytes            INTEGER NOT NULL,
    received_unix_ms INTEGER NOT NULL,
    state            TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'rejected')),
    decided_by       TEXT    NOT NULL DEFAULT '',
    decided_unix_ms  INTEGER,
    note             TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX quarantine_open ON quarantine (area, number) WHERE state = 'open';
CREATE INDEX quarantine_device ON quarantine (device, state);
CREATE INDEX quarantine_txn ON quarantine (txn);

-- Which records a held save is about or names: what builds on it waits with it.
CREATE TABLE quarantine_record (
    record TEXT    NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (record, number)
) STRICT;

-- What a device delivered late, ever: so much and no more, or a revoked phone could fill the disk.
CREATE TABLE quarantine_tally (
    device  INTEGER NOT NULL PRIMARY KEY,
    changes INTEGER NOT NULL,
    bytes   INTEGER NOT NULL
) STRICT;

-- Villages an account lost, and when: work from before is late for a month, and then it is somebody else's business.
CREATE TABLE grant_dropped (
    account         TEXT    NOT NULL,
    area            TEXT    NOT NULL,
    dropped_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (account, area)
) STRICT;

ALTER TABLE device ADD COLUMN revoked_unix_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN disabled_unix_ms INTEGER NOT NULL DEFAULT 0;
-- Nobody wrote down when: their month begins with this version.
UPDATE device SET revoked_unix_ms = unixepoch() * 1000 WHERE revoked = 1;
UPDATE account SET disabled_unix_ms = unixepoch() * 1000 WHERE disabled = 1;
