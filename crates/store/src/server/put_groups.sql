-- What is this record now, while lists go on showing the same?
INSERT INTO record (id, kind, groups, dead, received_unix_ms) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO UPDATE SET groups = excluded.groups, dead = excluded.dead, received_unix_ms = excluded.received_unix_ms
