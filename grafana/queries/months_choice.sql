-- The last 24 months to choose from, the present one first: value, text (2026-11). No parameters.
SELECT formatDateTime(addMonths(toStartOfMonth(now('Asia/Shanghai')), -toInt32(number)), '%Y-%m') AS value, value AS text
FROM numbers(24)
ORDER BY value DESC
