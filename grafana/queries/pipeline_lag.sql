-- How far our ingest is behind, as each run of the watch saw it. Rows, in order of time: time, lag UInt64 (messages that
-- wait), behind Float64 (seconds since everything that had arrived has landed). No parameters.
SELECT $__timeInterval(at) AS time, max(watch_log.lag) AS waiting,
    max(greatest(0, toUnixTimestamp64Milli(watch_log.at) - toUnixTimestamp64Milli(watch_log.watermark))) / 1000 AS behind
FROM watch_log
WHERE $__timeFilter(at)
GROUP BY time
ORDER BY time
