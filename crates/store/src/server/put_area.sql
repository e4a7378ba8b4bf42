-- What is this area called, and what lies above it?
INSERT INTO area (code, name, level, parent) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent
