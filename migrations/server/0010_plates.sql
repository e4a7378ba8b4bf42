-- Which home a plate's token stands for, and whether it still does: `no` is the number of the plate among those of its home.
-- Derived from the group `plate`; asked by whoever opens the address on a plate.
CREATE TABLE plate (
    token TEXT    NOT NULL PRIMARY KEY,
    unit  BLOB    NOT NULL,
    no    INTEGER NOT NULL
) STRICT;
