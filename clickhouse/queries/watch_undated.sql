-- Rejected rows without a readable business date that were not accepted since, by the day on which they came. Rows: org,
-- table, day Date32, standing UInt64.
-- Parameters: day_from Date32 (arrival).
SELECT toString(org) AS org, toString(`table`) AS `table`, of_day AS day, of_rows AS standing
FROM day_facts FINAL
ARRAY JOIN standing_days.day AS of_day, standing_days.rows AS of_rows
WHERE biz_date = toDate32(0) AND org != '' AND of_day >= {day_from:Date32}
