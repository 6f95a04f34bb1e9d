-- The last message of each partition that is in the ledger. Rows: partition UInt32, last UInt64.
-- Parameters: topic_id String.
SELECT partition, max(ledger.offset) AS last
FROM ledger
WHERE topic_id = {topic_id:String}
GROUP BY partition
ORDER BY partition
