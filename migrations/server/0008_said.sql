-- What each device last said it holds of each scope, and what came of comparing it with the register at that moment.
CREATE TABLE device_scope (
    device           INTEGER NOT NULL,
    scope            TEXT    NOT NULL,
    -- As it was said: hexadecimal digits.
    digest           TEXT    NOT NULL,
    count            INTEGER NOT NULL,
    -- The version of the scope it stood at; below the scope's head there was nothing to compare.
    version          INTEGER NOT NULL,
    said_unix_ms     INTEGER NOT NULL,
    -- The last comparison; NULL before the first.
    same             INTEGER,
    compared_unix_ms INTEGER,
    PRIMARY KEY (device, scope)
) STRICT, WITHOUT ROWID;
