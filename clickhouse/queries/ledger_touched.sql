-- Stretches of 10 000 offsets of a partition of which the ledger got rows. Rows: topic_id, partition UInt32,
-- stretch UInt64, in order.
-- Parameters: since DateTime64 (by the clock of ClickHouse: stored_at).
SELECT topic_id, partition, intDiv(offset, 10000) AS stretch
FROM ledger
WHERE stored_at >= {since:DateTime64(3, 'Asia/Shanghai')}
GROUP BY topic_id, partition, stretch
ORDER BY topic_id, partition, stretch
