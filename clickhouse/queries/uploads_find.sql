-- Uploads by receipt, each in its newest state. Rows: every column of uploads but the two times, source_ms and
-- updated_ms (milliseconds since 1970 UTC) in their place.
-- Parameters: orgs, ids Array(String): every receipt of `ids` that belongs to one of `orgs`.
SELECT
    * EXCEPT (source_time, updated_at),
    toUnixTimestamp64Milli(source_time) AS source_ms,
    toUnixTimestamp64Milli(updated_at) AS updated_ms
FROM uploads FINAL
WHERE org IN {orgs:Array(String)} AND receipt_id IN {ids:Array(String)}
