-- What the ledger says of some messages. Rows: topic_id, partition, offset, org, table, rejected UInt64, source_time
-- DateTime64.
-- Parameters: topic_ids Array(String), partitions Array(UInt32), offsets Array(UInt64), of equal length.
SELECT toString(topic_id) AS topic_id, partition, ledger.offset AS offset, any(toString(org)) AS org,
    any(toString(`table`)) AS `table`, sum(ledger.rejected) AS rejected, any(ledger.source_time) AS source_time
FROM ledger FINAL
WHERE topic_id IN {topic_ids:Array(String)} AND partition IN {partitions:Array(UInt32)}
    AND offset IN {offsets:Array(UInt64)}
    AND has(arrayZip({topic_ids:Array(String)}, {partitions:Array(UInt32)}, {offsets:Array(UInt64)}),
        (toString(topic_id), partition, offset))
GROUP BY topic_id, partition, offset
