-- Rows that came, over time. Rows, in order: time, accepted, rejected UInt64.
-- Parameters: those of indicator_check_trend.
SELECT toDateTime(toString(trend.day), 'Asia/Shanghai') AS time, trend.accepted AS accepted, trend.rejected AS rejected
FROM {{indicator_check_trend}} AS trend
ORDER BY time
