-- Association, the rows that violate a rule of scope store as it was run last, in an order that does not change between
-- pages. Rows: biz_date Date32, org, table, rule_id, kind, severity, row_key, visit, column, value (masked), run_at
-- DateTime64, topic_id, partition, offset, row.
-- Parameters: kind String (parent; empty: every kind), biz_from, biz_to Date32 (both included); (empty: no filter) table,
-- rule_id, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too); limit,
-- offset UInt64.
SELECT
    biz_date, org, `table`, rule_id, newest.kind AS kind, found.severity AS severity, row_key, visit, column, value,
    run_at, topic_id, partition, offset, row
FROM
(
    SELECT *
    FROM store_findings FINAL
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
        AND ({table:String} = '' OR `table` = {table:String})
        AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
        AND org IN {{org_scope}}
) AS found
INNER JOIN
(
    SELECT biz_date, org, `table`, rule_id, run_at, kind
    FROM store_days FINAL
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND failed > 0
        AND ({kind:String} = '' OR kind = {kind:String})
        AND ({table:String} = '' OR `table` = {table:String})
        AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
        AND org IN {{org_scope}}
) AS newest USING (biz_date, org, `table`, rule_id, run_at)
ORDER BY org, `table`, biz_date, rule_id, row_key
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
