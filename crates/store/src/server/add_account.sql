-- Who else may sign in?
INSERT INTO account (id, login, name, role, phone, password_hash, disabled, created_unix_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
