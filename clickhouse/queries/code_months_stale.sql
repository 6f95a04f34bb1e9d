-- Months whose codes were not made from the days that are there now. Rows: org, table, month Date32. No parameters.
SELECT days.org AS org, days.`table` AS `table`, days.month AS month
FROM
(
    SELECT toString(org) AS org, toString(`table`) AS `table`, addDays(biz_date, 1 - toDayOfMonth(biz_date)) AS month,
        sum(cityHash64(biz_date, computed_at, arraySum(codes.rows))) AS hash
    FROM day_facts FINAL
    GROUP BY org, `table`, month
) AS days
LEFT JOIN
(
    SELECT toString(org) AS org, toString(`table`) AS `table`, month, code_months.days AS hash
    FROM code_months FINAL
) AS made ON days.org = made.org AND days.`table` = made.`table` AND days.month = made.month
WHERE days.hash != made.hash
ORDER BY month, org, `table`
