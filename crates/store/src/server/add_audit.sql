-- Who did what?
INSERT INTO audit (number, at_unix_ms, actor, action, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
