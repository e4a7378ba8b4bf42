-- What is this record now, and what do lists show of it?
INSERT INTO record (id, kind, groups, dead, received_unix_ms, area, title, detail, state, search)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT DO UPDATE SET
    groups = excluded.groups, dead = excluded.dead, received_unix_ms = excluded.received_unix_ms, area = excluded.area,
    title = excluded.title, detail = excluded.detail, state = excluded.state, search = excluded.search
