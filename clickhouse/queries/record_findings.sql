-- Findings of the rows of one visit and of its patients, as they arrived. Rows: table, row_key, rule_id, column, value
-- (masked), severity, topic_id, partition, offset, row.
-- Parameters: org, visit String, patients Array(String) (patient indexes).
SELECT `table`, row_key, rule_id, column, value, severity, topic_id, partition, offset, row
FROM findings FINAL
WHERE org = {org:String}
    AND (visit = {visit:String} OR `table` = 'TB_HZXX' AND row_key IN {patients:Array(String)})
ORDER BY `table`, row_key, severity, rule_id, column
