-- The findings of a batch by rule. Rows: table, rule_id, check, column, severity, rows UInt64, first_row UInt32,
-- first_key (row key of that row), first_value (masked); errors first, then by how many.
-- Parameters: org String, batch String, table String (empty: any).
SELECT
    `table`,
    rule_id,
    any(findings.check) AS check,
    any(findings.column) AS column,
    findings.severity AS severity,
    count() AS rows,
    min(findings.row) AS first_row,
    argMin(row_key, findings.row) AS first_key,
    argMin(value, findings.row) AS first_value
FROM findings FINAL
WHERE org = {org:String} AND batch = {batch:String} AND ({table:String} = '' OR `table` = {table:String})
GROUP BY `table`, rule_id, severity
ORDER BY severity = 'error' DESC, rows DESC, `table`, rule_id
