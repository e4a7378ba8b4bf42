-- Which bytes does a living photo name, whole or small? The others are unused, since now or since when they were before.
UPDATE blob SET unused_unix_ms = CASE
    WHEN EXISTS (
        SELECT 1 FROM photo
        WHERE (photo.hash = blob.hash OR photo.thumb = blob.hash)
          AND NOT EXISTS (SELECT 1 FROM record_ref WHERE target = photo.record AND kind = 'photo_withdrawal')
          AND EXISTS (SELECT 1 FROM record WHERE id = photo.shows AND dead IS NULL)
    ) THEN NULL
    ELSE coalesce(unused_unix_ms, ?1)
END
