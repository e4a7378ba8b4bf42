-- Which history of the server a device said it knows, at its last exchange; empty before the first since this version.
ALTER TABLE device ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
