-- Thresholds as they are set now. Rows: every column of thresholds, by org, table and name. No parameters.
SELECT *
FROM thresholds FINAL
WHERE deleted = 0
ORDER BY org, table, name
