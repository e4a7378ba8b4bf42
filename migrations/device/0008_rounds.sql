-- What decides when a home is next visited: days and facts, no verdict, which depends on the day it is read. Derived, as the other lists.
CREATE TABLE round_row (
    record   INTEGER NOT NULL PRIMARY KEY,
    road     TEXT NOT NULL,                     -- the address in three steps
    building TEXT NOT NULL,
    door     TEXT NOT NULL,
    area     TEXT NOT NULL,
    since    TEXT NOT NULL,                     -- the day of its registration; empty while it is not to be visited
    calls    TEXT NOT NULL,                     -- the last calls at its door
    grade    TEXT NOT NULL,                     -- what its grade follows from; empty when nothing is against it
    on_site  INTEGER NOT NULL CHECK (on_site IN (0, 1))
) STRICT;

-- No home has such a row yet, and none is found by its plate.
INSERT OR REPLACE INTO meta (key, value) SELECT 'derive_from', '0' WHERE EXISTS (SELECT 1 FROM unit_row);
