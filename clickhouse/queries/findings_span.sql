-- Findings of one institution, one table and some business days, in the order in which they are stored. Rows: every
-- column of findings.
-- Parameters: org, table String, biz_from, biz_to Date32 (both included); (empty: no filter) rule_id, severity, outcome,
-- batch, row_key String; limit, offset UInt64.
SELECT *
FROM findings FINAL
WHERE org = {org:String} AND `table` = {table:String} AND biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
    AND ({severity:String} = '' OR severity = {severity:String})
    AND ({outcome:String} = '' OR outcome = {outcome:String})
    AND ({batch:String} = '' OR batch = {batch:String})
    AND ({row_key:String} = '' OR row_key = {row_key:String})
ORDER BY biz_date, rule_id, topic_id, partition, offset, row
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
