-- Who has which document number, as a keyed hash: the number itself stands in the person's record and nowhere else.
-- `number` is the order in which they were accepted.
CREATE TABLE person_key (
    number INTEGER NOT NULL PRIMARY KEY,
    person BLOB    NOT NULL UNIQUE,
    key    TEXT    NOT NULL
) STRICT;
CREATE INDEX person_key_key ON person_key (key) WHERE key <> '';
