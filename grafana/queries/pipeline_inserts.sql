-- How long ClickHouse took a row of the ledger after the worker had made it, in seconds. Rows, in order of time: time,
-- p50, p99 Float64. No parameters.
SELECT $__timeInterval(stored_at) AS time,
    quantileTDigest(0.5)(greatest(0, toUnixTimestamp64Milli(stored_at) - toUnixTimestamp64Milli(landed_at))) / 1000 AS p50,
    quantileTDigest(0.99)(greatest(0, toUnixTimestamp64Milli(stored_at) - toUnixTimestamp64Milli(landed_at))) / 1000
        AS p99
FROM ledger
WHERE $__timeFilter(stored_at) AND landed_at >= stored_at - INTERVAL 1 HOUR
GROUP BY time
ORDER BY time
