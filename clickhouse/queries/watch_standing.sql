-- Rejected rows that were not accepted since. Rows: org, table, standing, days UInt64, first_day, last_day Date32.
-- Parameters: biz_from Date32.
SELECT toString(org) AS org, toString(`table`) AS `table`, sum(day_facts.standing) AS standing, count() AS days,
    min(biz_date) AS first_day, max(biz_date) AS last_day
FROM day_facts FINAL
WHERE biz_date >= {biz_from:Date32} AND day_facts.standing > 0 AND org != ''
GROUP BY org, `table`
