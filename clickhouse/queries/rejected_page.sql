-- Rejected rows without their content, newest first, in an order that does not change between pages. Rows: topic_id,
-- partition, offset, row, org, table, biz_date Date32, batch, row_key, rule_ids Array(String), op, arrived_at.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table, rule_id, batch, row_key String, biz_from, biz_to
-- Date32 (both included); limit, offset UInt32.
SELECT toString(topic_id) AS topic_id, partition, rejected_rows.offset AS offset, row, toString(org) AS org,
    toString(`table`) AS `table`, biz_date, batch, row_key, rule_ids, toString(op) AS op, arrived_at
FROM rejected_rows FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
    AND ({rule_id:String} = '' OR has(rule_ids, {rule_id:String}))
    AND ({batch:String} = '' OR batch = {batch:String})
    AND ({row_key:String} = '' OR row_key = {row_key:String})
ORDER BY arrived_at DESC, topic_id, partition, rejected_rows.offset, row
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
