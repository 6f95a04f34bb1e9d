-- How many rows indicator_association_rows has in all its pages. One row: failed UInt64.
-- Parameters: kind String (parent; empty: every kind), biz_from, biz_to Date32 (both included); (empty: no filter) table,
-- rule_id, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT count() AS failed
FROM store_findings FINAL
WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
    AND (biz_date, org, `table`, rule_id, run_at) IN
    (
        SELECT biz_date, org, `table`, rule_id, run_at
        FROM store_days FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND failed > 0
            AND ({kind:String} = '' OR kind = {kind:String})
            AND ({table:String} = '' OR `table` = {table:String})
            AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
            AND org IN {{org_scope}}
    )
