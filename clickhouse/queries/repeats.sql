-- Which messages came before: where the same bytes were met. Rows: message_id UInt64, topic_id String, partition
-- UInt32, offset UInt64, done UInt8 (1: it gave rows or an honest "nothing"; 0: it was unreadable); a message that was
-- sent several times has several.
-- Parameters: ids Array(UInt64); from, to DateTime64(3, 'Asia/Shanghai'): least and greatest source time of the
-- messages asked about (they spare reading the whole ledger; the same bytes have the same source time).
SELECT message_id, topic_id, partition, offset, max(received > unreadable OR declared_empty = 1) AS done
FROM ledger
WHERE message_id IN {ids:Array(UInt64)}
    AND source_time >= {from:DateTime64(3, 'Asia/Shanghai')}
    AND source_time <= {to:DateTime64(3, 'Asia/Shanghai')}
    AND kind IN ('batch', 'debezium', 'unreadable')
GROUP BY message_id, topic_id, partition, offset
