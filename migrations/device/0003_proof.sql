-- What left this device and when, so that it can say why somebody is no longer here. Ids, places and times: no names. Kept
-- for 30 days.
CREATE TABLE departure (
    record       TEXT NOT NULL,                -- empty when a whole scope was taken back
    kind         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    why          TEXT NOT NULL,                -- 'exit', 'grant', 'repair'
    toward       TEXT NOT NULL DEFAULT '',     -- the village it was handed to, where that was known here
    left_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX departure_by_time ON departure (left_unix_ms);

-- Where this device differed from the server, and what was put right: counts and no values.
CREATE TABLE repair (
    at_unix_ms  INTEGER NOT NULL,
    scope       TEXT NOT NULL,
    miscounted  INTEGER NOT NULL,
    missing     INTEGER NOT NULL,
    different   INTEGER NOT NULL,
    superfluous INTEGER NOT NULL,
    mended      INTEGER NOT NULL CHECK (mended IN (0, 1))
) STRICT;
CREATE INDEX repair_by_time ON repair (at_unix_ms);
