-- What a device holds of a scope now; a comparison that was not made keeps the last one.
INSERT INTO device_scope (device, scope, digest, count, version, said_unix_ms, same, compared_unix_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO UPDATE SET
    digest = excluded.digest,
    count = excluded.count,
    version = excluded.version,
    said_unix_ms = excluded.said_unix_ms,
    same = COALESCE(excluded.same, same),
    compared_unix_ms = COALESCE(excluded.compared_unix_ms, compared_unix_ms)
