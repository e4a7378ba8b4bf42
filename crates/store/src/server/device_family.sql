-- Under which numbers has the installation of device ?1 been known, before and since: every copy of its file asked for one?
WITH RECURSIVE
    before (number, was) AS (
        SELECT number, was FROM device WHERE number = ?1
        UNION
        SELECT device.number, device.was FROM device JOIN before ON device.number = before.was
    ),
    family (number) AS (
        SELECT min(number) FROM before
        UNION
        SELECT device.number FROM device JOIN family ON device.was = family.number
    )
SELECT number FROM family WHERE number IS NOT NULL ORDER BY number
