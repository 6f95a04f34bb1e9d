-- Messages whose rejected rows were taken over by messages that are done, and that still count them. Rows: topic_id,
-- partition, offset, org.
-- Parameters: none.
SELECT toString(topic_id) AS topic_id, partition, ledger.offset AS offset, any(toString(org)) AS org
FROM ledger FINAL
WHERE ledger.rejected > 0 AND (topic_id, partition, offset) IN
(
    SELECT origin_topic_id, origin_partition, origin_offset
    FROM ledger
    WHERE redrive != '' AND kind != 'repeat'
)
GROUP BY topic_id, partition, offset
