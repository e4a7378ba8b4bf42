-- Photos: which record names which bytes, and which bytes lie in the folder beside this file.

-- Derived from the records of the kind `photo`.
CREATE TABLE photo (
    record      BLOB    NOT NULL PRIMARY KEY,
    shows       BLOB    NOT NULL,
    -- The device that wrote it: the bytes come from there.
    device      INTEGER NOT NULL,
    hash        TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    thumb       TEXT    NOT NULL,
    thumb_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX photo_hash ON photo (hash);
CREATE INDEX photo_thumb ON photo (thumb);

-- Bytes that arrived and were verified.
CREATE TABLE blob (
    hash            TEXT    NOT NULL PRIMARY KEY,
    bytes           INTEGER NOT NULL CHECK (bytes > 0),
    arrived_unix_ms INTEGER NOT NULL,
    -- Since when no living record names them; NULL while one does.
    unused_unix_ms  INTEGER
) STRICT;
CREATE INDEX blob_unused ON blob (unused_unix_ms) WHERE unused_unix_ms IS NOT NULL;
