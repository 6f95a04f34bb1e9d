-- Check report, every finding of a row, in an order that does not change between pages. Rows: every column of findings.
-- Parameters: biz_from, biz_to Date32 (both included); (empty: no filter) table, rule_id, severity, org, city, county,
-- type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too); limit, offset UInt64.
SELECT *
FROM findings FINAL
WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
    AND ({severity:String} = '' OR severity = {severity:String})
    AND ({org:String} = '' OR org = {org:String})
    AND org IN {{org_scope}}
ORDER BY org, `table`, biz_date, rule_id, topic_id, partition, offset, row
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
