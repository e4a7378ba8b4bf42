-- How large are bytes that a save of this account names which nobody has decided about?
SELECT max(coalesce(CASE part.key WHEN 'hash' THEN json_extract(fact.value, '$.bytes') ELSE json_extract(fact.value, '$.thumb_bytes') END, 0))
           AS bytes
FROM quarantine
JOIN json_tree(quarantine.save) AS fact ON fact.type = 'object'
JOIN json_each(fact.value) AS part ON part.key IN ('hash', 'thumb') AND part.value = ?1
WHERE quarantine.account = ?2 AND quarantine.state = 'open' AND instr(quarantine.save, ?1) > 0
