-- Alerts since the beginning and today; a replay raises none. One row: alerts, alerts_today UInt64.
-- Parameters: midnight DateTime64 (when today began).
SELECT count() AS alerts, countIf(raised_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS alerts_today
FROM alerts FINAL
WHERE replay = 0
