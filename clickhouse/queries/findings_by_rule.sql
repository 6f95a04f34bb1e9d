-- Findings by institution, table, business day and rule. Rows: org, table, biz_date Date32, rule_id, severity,
-- findings UInt64.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table String, biz_from, biz_to Date32 (both included).
SELECT org, `table`, biz_date, rule_id, severity, count() AS findings
FROM findings FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
GROUP BY org, `table`, biz_date, rule_id, severity
ORDER BY org, `table`, biz_date, rule_id, severity
