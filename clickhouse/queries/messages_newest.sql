-- What became of the newest messages of an institution, the newest first: one row a message. Rows: topic_id, partition
-- UInt32, offset UInt64, table, batch, kind (batch, debezium, tombstone, repeat, unreadable), received, accepted, rejected,
-- flagged, unreadable, repeated, findings UInt64, biz_from, biz_to Date32 (1970-01-01: no readable date), declared_empty
-- UInt8, reason String (why unreadable), unknown_columns Array(String), arrived_at, landed_at DateTime64.
-- Parameters: org String, table String (empty: all), before DateTime64(3, 'Asia/Shanghai'), before_topic String,
-- before_partition UInt32, before_offset UInt64 (only messages that arrived before this moment, or at it with
-- a lower place), limit UInt32.
SELECT
    toString(topic_id) AS topic_id,
    partition,
    offset,
    any(toString(`table`)) AS `table`,
    any(ledger.batch) AS batch,
    any(toString(ledger.kind)) AS kind,
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable,
    sum(ledger.repeated) AS repeated,
    sum(ledger.findings) AS findings,
    min(biz_date) AS biz_from,
    max(biz_date) AS biz_to,
    max(ledger.declared_empty) AS declared_empty,
    max(toString(ledger.reason)) AS reason,
    arraySort(groupUniqArrayArray(ledger.unknown_columns)) AS unknown_columns,
    max(ledger.arrived_at) AS arrived_at,
    max(ledger.landed_at) AS landed_at
FROM ledger FINAL
WHERE org = {org:String} AND ({table:String} = '' OR ledger.`table` = {table:String})
    AND ledger.arrived_at <= {before:DateTime64(3, 'Asia/Shanghai')}
GROUP BY topic_id, partition, offset
HAVING arrived_at < {before:DateTime64(3, 'Asia/Shanghai')}
    OR (topic_id, partition, offset) < ({before_topic:String}, {before_partition:UInt32}, {before_offset:UInt64})
ORDER BY arrived_at DESC, topic_id DESC, partition DESC, offset DESC
LIMIT {limit:UInt32}
