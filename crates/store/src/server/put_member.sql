-- Since which version is this record in this scope, or out of it?
INSERT INTO record_scope (scope, record, version, hash, gone, left_unix_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET
    version = excluded.version, hash = excluded.hash, gone = excluded.gone, left_unix_ms = excluded.left_unix_ms
