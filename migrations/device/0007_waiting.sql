-- Whether something of a home or a person waits to be answered is looked up when it is shown: an answered push need not write every
-- line of a list anew.
ALTER TABLE unit_row DROP COLUMN waiting;
ALTER TABLE person_row DROP COLUMN waiting;
