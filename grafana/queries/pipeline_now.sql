-- Where the pipeline stands. One row: behind Float64 (seconds since everything that had arrived has landed), lag UInt64
-- (messages that wait), watched Float64 (seconds since the watch ran last), firing UInt32 (conditions that hold).
-- Parameters: now DateTime64.
SELECT
    toFloat64(greatest(0, toUnixTimestamp64Milli(argMax(watch_log.at, watch_log.at))
        - toUnixTimestamp64Milli(argMax(watch_log.watermark, watch_log.at)))) / 1000 AS behind,
    argMax(watch_log.lag, watch_log.at) AS waiting,
    toFloat64(toUnixTimestamp64Milli({now:DateTime64(3, 'Asia/Shanghai')}) - toUnixTimestamp64Milli(max(watch_log.at))) / 1000 AS watched,
    argMax(watch_log.firing, watch_log.at) AS holding
FROM watch_log
WHERE watch_log.at >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 1 DAY
HAVING count() > 0
