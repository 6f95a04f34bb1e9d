-- For an alert rule: share of rows that came with an error or a warning on the last seven days, by business day, without
-- test institutions. One row: value Float64 (0: nothing came).
-- Parameters: those of indicator_check_trend.
SELECT if(sum(trend.received) = 0, 0., sum(trend.anomalies) / sum(trend.received)) AS value
FROM {{indicator_check_trend}} AS trend
