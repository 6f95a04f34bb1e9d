-- The schedule as it is now. Rows: every column of schedule, by org, table and valid_from. No parameters.
SELECT *
FROM schedule FINAL
WHERE deleted = 0
ORDER BY org, table, valid_from
