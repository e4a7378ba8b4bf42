-- What changed in this scope after this version, oldest first? (?3: leave out exits and the dead)
SELECT record_scope.record AS id, record_scope.version AS version, record_scope.gone AS gone,
       record.kind AS kind, record.groups AS groups, record.dead AS dead
FROM record_scope JOIN record ON record.id = record_scope.record
WHERE record_scope.scope = ?1 AND record_scope.version > ?2
  AND (?3 = 0 OR (record_scope.gone = 0 AND record.dead IS NULL))
ORDER BY record_scope.version, record_scope.record
LIMIT ?4
