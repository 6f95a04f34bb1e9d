-- The last run of the watch, no row when there was none. Rows: at, watcher, watermark, lag, firing, took_ms.
SELECT at, watcher, watermark, lag, firing, took_ms
FROM watch_log
ORDER BY at DESC
LIMIT 1
