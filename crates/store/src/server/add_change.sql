-- What was pushed, by whom, and what was answered?
INSERT INTO change (id, device, seq, author, txn, record, verb, origin, refused, json, verdict, received_unix_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
