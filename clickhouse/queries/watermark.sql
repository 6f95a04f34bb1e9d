-- What arrived before this has landed, as the watch saw it last. One row: watermark DateTime64 (1970-01-01: the watch has
-- never run).
SELECT max(watch_log.watermark) AS watermark
FROM watch_log
