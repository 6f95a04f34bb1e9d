-- Steps of cases that people should hear of and whose notice is not whole (kept, handed to the outbox, published), in
-- order. Rows: every column of case_steps but writer.
-- Parameters: since, before DateTime64 (since ≤ at < before).
SELECT * EXCEPT (writer)
FROM case_steps
WHERE told != 'nobody'
    AND at >= {since:DateTime64(3, 'Asia/Shanghai')}
    AND at < {before:DateTime64(3, 'Asia/Shanghai')}
    AND concat(id, '-', toString(version)) NOT IN
    (
        SELECT id
        FROM notices_done
        WHERE at >= {since:DateTime64(3, 'Asia/Shanghai')}
    )
ORDER BY at, id, version, writer
LIMIT 1 BY id, version
