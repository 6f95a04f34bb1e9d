-- Dead letters without their bytes, newest first, in an order that does not change between pages. Rows: topic_id,
-- partition, offset, row, topic, org, table, batch, reason, detail, size, arrived_at, landed_at.
-- Parameters (empty: no filter): table, reason String; limit, offset UInt32.
SELECT * EXCEPT (bytes)
FROM dead_letters FINAL
WHERE ({table:String} = '' OR `table` = {table:String})
    AND ({reason:String} = '' OR reason = {reason:String})
ORDER BY arrived_at DESC, topic_id, partition, dead_letters.offset DESC, row
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
