-- Rejected rows of some messages as they were sent, in their order. Rows: topic_id, partition, offset, raw.
-- Parameters: orgs Array(String) (that occur); topic_ids Array(String), partitions Array(UInt32), offsets Array(UInt64),
-- of equal length.
SELECT toString(topic_id) AS topic_id, partition, rejected_rows.offset AS offset, raw
FROM rejected_rows FINAL
WHERE org IN {orgs:Array(String)} AND offset IN {offsets:Array(UInt64)}
    AND has(arrayZip({topic_ids:Array(String)}, {partitions:Array(UInt32)}, {offsets:Array(UInt64)}),
        (toString(topic_id), partition, offset))
ORDER BY topic_id, partition, offset, row
