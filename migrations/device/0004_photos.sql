-- Photos' bytes. They lie in a folder beside this file under their names; the records that name them are in `record`.

-- Bytes of photos and of their small versions: what is here, what has to go, what has to come.
CREATE TABLE blob (
    hash           TEXT    NOT NULL UNIQUE,
    bytes          INTEGER NOT NULL,
    small          INTEGER NOT NULL CHECK (small IN (0, 1)),
    here           INTEGER NOT NULL DEFAULT 0 CHECK (here IN (0, 1)),
    there          INTEGER NOT NULL DEFAULT 0 CHECK (there IN (0, 1)),
    wanted         INTEGER NOT NULL DEFAULT 0 CHECK (wanted IN (0, 1)),
    sent           INTEGER NOT NULL DEFAULT 0,
    tries          INTEGER NOT NULL DEFAULT 0,
    next_unix_ms   INTEGER NOT NULL DEFAULT 0,
    -- Since when no living record on this device names them.
    unused_unix_ms INTEGER
) STRICT;
CREATE INDEX blob_to_send ON blob (small) WHERE here = 1 AND there = 0;
CREATE INDEX blob_to_fetch ON blob (small) WHERE here = 0;
CREATE INDEX blob_unused ON blob (unused_unix_ms) WHERE unused_unix_ms IS NOT NULL;

-- Which record names which bytes. One that left the device is remembered until its bytes are sent: they are nowhere else.
CREATE TABLE blob_use (
    hash         TEXT    NOT NULL,
    record       TEXT    NOT NULL,
    answered     INTEGER NOT NULL CHECK (answered IN (0, 1)),
    living       INTEGER NOT NULL CHECK (living IN (0, 1)),
    left_unix_ms INTEGER,               -- 0: just now
    PRIMARY KEY (hash, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_use_record ON blob_use (record);
