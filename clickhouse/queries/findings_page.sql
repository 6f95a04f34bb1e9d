-- Findings, newest first, in an order that does not change between pages. Rows: every column of findings.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table, rule_id, severity, outcome, batch, row_key
-- String, biz_from, biz_to Date32 (both included); limit, offset UInt32.
SELECT *
FROM findings FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
    AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
    AND ({severity:String} = '' OR severity = {severity:String})
    AND ({outcome:String} = '' OR outcome = {outcome:String})
    AND ({batch:String} = '' OR batch = {batch:String})
    AND ({row_key:String} = '' OR row_key = {row_key:String})
ORDER BY arrived_at DESC, topic_id, partition, offset, row, rule_id
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
