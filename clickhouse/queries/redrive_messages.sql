-- Messages with rejected rows, the oldest first, whose rows are all kept: what can be redriven. Rows: topic_id, partition,
-- offset, org, table, batch, op, rows, matching UInt64 (rows that the filters mean; a message is redriven as a whole),
-- repeats UInt64 (rows rejected by one of these rules), arrived_at DateTime64.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table, rule_id String, biz_from, biz_to Date32 (both
-- included); repeats Array(String) (rules), limit UInt32.
SELECT toString(topic_id) AS topic_id, partition, rejected_rows.offset AS offset, any(toString(org)) AS org,
    any(toString(`table`)) AS `table`, any(rejected_rows.batch) AS batch, any(toString(op)) AS op, count() AS rows,
    countIf(({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
        AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
        AND ({rule_id:String} = '' OR has(rule_ids, {rule_id:String}))) AS matching,
    countIf(hasAny(rule_ids, {repeats:Array(String)})) AS repeats,
    any(rejected_rows.arrived_at) AS arrived_at
FROM rejected_rows FINAL
WHERE ({org:String} = '' OR rejected_rows.org = {org:String})
    AND ({table:String} = '' OR rejected_rows.`table` = {table:String})
GROUP BY topic_id, partition, offset
HAVING matching > 0
ORDER BY arrived_at, topic_id, partition, offset
LIMIT {limit:UInt32}
