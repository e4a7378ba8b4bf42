-- Which coordinators are responsible for this village, through the village, its township or the county?
WITH RECURSIVE above (code) AS (
    VALUES (?1)
    UNION
    SELECT area.parent FROM area JOIN above ON area.code = above.code WHERE area.parent <> ''
)
SELECT DISTINCT account.id FROM account
JOIN account_area ON account_area.account = account.id
JOIN above ON above.code = account_area.area
WHERE account.role = 'coordinator' AND account.disabled = 0
ORDER BY account.id
