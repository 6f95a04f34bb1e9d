-- What rules of scope store said of the rows of one visit and of its patients when they were run last. Rows: table,
-- row_key, rule_id, column, value (masked), severity.
-- Parameters: org, visit String, patients Array(String) (patient indexes), biz_from, biz_to Date32 (of the rows, both
-- included).
SELECT `table`, row_key, rule_id, column, value, severity
FROM store_findings FINAL
WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND org = {org:String}
    AND (visit = {visit:String} OR `table` = 'TB_HZXX' AND row_key IN {patients:Array(String)})
    AND (biz_date, org, `table`, rule_id, run_at) IN
    (
        SELECT biz_date, org, `table`, rule_id, run_at
        FROM store_days FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND org = {org:String} AND failed > 0
    )
ORDER BY `table`, row_key, severity, rule_id, column
