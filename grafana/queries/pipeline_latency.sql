-- From arrival in the broker to landing, and how long the work itself took (decoding, rules, inserts), in seconds. What
-- took longer than an hour carries a time of its own (a history that is sent again) and is left out. Rows, in order of
-- time: time, p50, p99, work_p99 Float64. No parameters.
SELECT $__timeInterval(stored_at) AS time,
    quantileTDigest(0.5)(toUnixTimestamp64Milli(landed_at) - toUnixTimestamp64Milli(arrived_at)) / 1000 AS p50,
    quantileTDigest(0.99)(toUnixTimestamp64Milli(landed_at) - toUnixTimestamp64Milli(arrived_at)) / 1000 AS p99,
    quantileTDigest(0.99)(work_ms) / 1000 AS work_p99
FROM ledger
WHERE $__timeFilter(stored_at) AND arrived_at >= landed_at - INTERVAL 1 HOUR AND landed_at >= arrived_at
GROUP BY time
ORDER BY time
