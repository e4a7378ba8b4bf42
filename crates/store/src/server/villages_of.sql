-- Which villages is this account responsible for, through a village, a township or the county?
WITH RECURSIVE under (code) AS (
    SELECT area FROM account_area WHERE account = ?1
    UNION
    SELECT area.code FROM area JOIN under ON area.parent = under.code
)
SELECT area.code FROM area JOIN under ON area.code = under.code WHERE area.level = 'village' ORDER BY area.code
