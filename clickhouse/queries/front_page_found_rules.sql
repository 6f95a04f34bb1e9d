-- Rules that a submission violates, those of most rows first. Rows: rule_id, severity, scope, column, findings, rows UInt64.
-- Parameters: those of front_page_found.
SELECT rule_id, severity, scope, any(column) AS column, count() AS findings, uniqExact(file_row) AS rows
FROM {{front_page_found}}
GROUP BY rule_id, severity, scope
ORDER BY findings DESC, rule_id
