-- Check report over time. Rows, in order: time, received UInt64, rejection_rate, anomaly_rate Nullable(Float64).
-- Parameters: those of indicator_check_trend.
SELECT toDateTime(toString(trend.day), 'Asia/Shanghai') AS time, trend.rejection_rate AS rejection_rate,
    trend.anomaly_rate AS anomaly_rate
FROM {{indicator_check_trend}} AS trend
ORDER BY time
