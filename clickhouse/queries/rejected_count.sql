-- How many rejected rows rejected_page has in all its pages. One row: rows UInt64.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table, rule_id, batch, row_key String, biz_from, biz_to
-- Date32 (both included).
SELECT count() AS rows
FROM rejected_rows FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
    AND ({rule_id:String} = '' OR has(rule_ids, {rule_id:String}))
    AND ({batch:String} = '' OR batch = {batch:String})
    AND ({row_key:String} = '' OR row_key = {row_key:String})
