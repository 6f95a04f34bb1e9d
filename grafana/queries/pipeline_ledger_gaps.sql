-- Messages that the ledger lacks between the first and the last one that it took in the last two days, by partition. Rows:
-- topic_id, partition UInt32, first, last UInt64 (offsets), missing Int64, landed_at DateTime64 (of the newest).
-- Parameters: now DateTime64.
SELECT toString(topic_id) AS topic, partition, min(offset) AS first, max(offset) AS last,
    toInt64(last - first + 1) - toInt64(uniqExact(offset)) AS missing, max(ledger.landed_at) AS newest
FROM ledger
WHERE stored_at >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 2 DAY
GROUP BY topic_id, partition
ORDER BY missing DESC, topic_id, partition
