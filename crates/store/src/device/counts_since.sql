-- How many saves were made since a moment, and what became of them? The worst fate of a change is the fate of its save.
-- What the station holds is neither on the server nor refused: it is shown apart.
SELECT count(*) AS saved,
       coalesce(sum(worst = 0), 0) AS ok,
       coalesce(sum(worst = 2), 0) AS merged,
       coalesce(sum(worst = 3), 0) AS refused
FROM (
    SELECT txn,
           max(CASE state WHEN 'ok' THEN 0 WHEN 'waiting' THEN 1 WHEN 'merged' THEN 2
                      ELSE CASE verdict WHEN '{"is":"held"}' THEN 1 ELSE 3 END END) AS worst
    FROM change
    WHERE saved_unix_ms >= :since
    GROUP BY txn
)
