-- Which messages took over the rejected rows of some messages. Rows: origin_topic_id, origin_partition, origin_offset,
-- topic_id, partition, offset.
-- Parameters: topic_ids Array(String), partitions Array(UInt32), offsets Array(UInt64), of equal length.
SELECT toString(origin_topic_id) AS origin_topic_id, origin_partition, origin_offset, toString(topic_id) AS topic_id,
    partition, offset
FROM ledger
WHERE redrive != '' AND kind != 'repeat' AND origin_topic_id IN {topic_ids:Array(String)}
    AND origin_offset IN {offsets:Array(UInt64)}
    AND has(arrayZip({topic_ids:Array(String)}, {partitions:Array(UInt32)}, {offsets:Array(UInt64)}),
        (toString(origin_topic_id), origin_partition, origin_offset))
GROUP BY origin_topic_id, origin_partition, origin_offset, topic_id, partition, offset
