-- Quiet times as they are now. Rows: every column of quiet_times, by starts_at and id. No parameters.
SELECT *
FROM quiet_times FINAL
WHERE deleted = 0
ORDER BY starts_at, id
