-- Who a device was before it was given another number (protocol §9), and until when its old number was used.
ALTER TABLE device ADD COLUMN was INTEGER;
ALTER TABLE device ADD COLUMN renewed_for TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN closed_unix_ms INTEGER;
