-- Messages that the ledger lacks among the last 100 000 offsets of each partition that got some in the last two days.
-- Rows, by partition: topic, partition UInt32, first, last UInt64 (offsets that were looked at), missing Int64, newest
-- DateTime64 (when the last message landed).
-- Parameters: now DateTime64.
SELECT toString(topic_id) AS topic, partition, min(ledger.offset) AS first, max(ledger.offset) AS last,
    toInt64(last - first + 1) - toInt64(uniqExact(ledger.offset)) AS missing, max(ledger.landed_at) AS newest
FROM ledger
INNER JOIN
(
    -- what is repaired today may be an old offset: the window is one of offsets, not of time
    SELECT topic_id, partition, max(ledger.offset) AS frontier
    FROM ledger
    WHERE stored_at >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 2 DAY
    GROUP BY topic_id, partition
) AS recent USING (topic_id, partition)
WHERE ledger.offset + 100000 > recent.frontier
GROUP BY topic_id, partition
ORDER BY missing DESC, topic_id, partition
