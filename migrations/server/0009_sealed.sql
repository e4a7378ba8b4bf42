-- The hash of a word with which a device may hand in saves that were sealed while it could still be opened, and do nothing else;
-- empty for one that seals nothing.
ALTER TABLE device ADD COLUMN hand_in_hash TEXT NOT NULL DEFAULT '';
