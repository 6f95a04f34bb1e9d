-- Rejected rows of which the content is not kept any more. One row: messages, rows UInt64.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table, rule_id String, biz_from, biz_to Date32 (both
-- included).
SELECT uniqExact(topic_id, partition, offset) AS messages, sum(ledger.rejected) AS rows
FROM ledger FINAL
WHERE ledger.rejected > 0
    AND ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
    AND (topic_id, partition, offset) NOT IN
    (
        SELECT topic_id, partition, offset
        FROM rejected_rows
        WHERE ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    )
    AND ({rule_id:String} = '' OR (topic_id, partition, offset) IN
    (
        SELECT topic_id, partition, offset
        FROM findings
        WHERE rule_id = {rule_id:String} AND outcome = 'rejected'
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    ))
