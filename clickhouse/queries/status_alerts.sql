-- Alerts of batches since the beginning and today (notices about cases have no topic_id), without test institutions; a
-- replay raises none. One row: alerts, alerts_today UInt64.
-- Parameters: midnight DateTime64 (when today began).
SELECT count() AS alerts, countIf(raised_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS alerts_today
FROM alerts FINAL
WHERE replay = 0 AND topic_id != '' AND org NOT IN (SELECT org FROM orgs FINAL WHERE test = 1)
