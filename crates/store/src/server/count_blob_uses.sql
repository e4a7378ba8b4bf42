-- Which bytes does a living photo name, whole or small, or a save that waits for the station? The others are unused, since now or
-- since when they were before.
UPDATE blob SET unused_unix_ms = CASE
    WHEN EXISTS (
        SELECT 1 FROM photo
        WHERE (photo.hash = blob.hash OR photo.thumb = blob.hash)
          AND NOT EXISTS (SELECT 1 FROM record_ref WHERE target = photo.record AND kind = 'photo_withdrawal')
          AND EXISTS (SELECT 1 FROM record WHERE id = photo.shows AND dead IS NULL)
    ) OR blob.hash IN (
        SELECT part.value FROM quarantine JOIN json_tree(quarantine.save) AS part ON part.key IN ('hash', 'thumb')
        WHERE quarantine.state = 'open'
    ) THEN NULL
    ELSE coalesce(unused_unix_ms, ?1)
END
