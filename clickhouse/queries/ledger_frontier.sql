-- How far the ledger is. Rows, one a partition: partition UInt32, last UInt64 (highest offset), messages UInt64,
-- landed_at DateTime64 (latest).
-- Parameters: topic_id String.
SELECT partition, max(offset) AS last, uniqExact(offset) AS messages, max(ledger.landed_at) AS landed_at
FROM ledger
WHERE topic_id = {topic_id:String}
GROUP BY partition
ORDER BY partition
