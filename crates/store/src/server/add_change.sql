-- What was pushed, by whom, and what was answered?
INSERT INTO change (id, device, seq, author, txn, place, record, kind, verb, schema, origin, groups, refused, verdict, received_unix_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
