-- For an alert rule: for how many minutes what arrived has been waiting to land, as the watch saw it last; the time since
-- then counts when the watch itself has not run. No row when the watch never ran. One row: value Float64.
-- Parameters: now DateTime64.
SELECT if(argMax(watch_log.lag, watch_log.at) = 0 AND max(watch_log.at) >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 5 MINUTE, 0.,
    (toUnixTimestamp64Milli({now:DateTime64(3, 'Asia/Shanghai')}) - toUnixTimestamp64Milli(max(watch_log.watermark))) / 60000) AS value
FROM watch_log
WHERE watch_log.at >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 7 DAY
HAVING count() > 0
