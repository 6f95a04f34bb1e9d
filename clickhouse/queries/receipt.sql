-- What became of a batch. Rows, one a table and business date: table, biz_date Date32, received, accepted, rejected,
-- flagged, unreadable, repeated, findings, unmapped UInt64, messages UInt64, declared_empty UInt8,
-- reasons Array(String) (why unreadable), unknown_columns Array(String), arrived_at, landed_at DateTime64 (latest).
-- No row: nothing of it has landed yet. A batch that was sent twice has its rows in received once, and in repeated.
-- Parameters: org String, batch String, table String (empty: any).
SELECT
    `table`,
    biz_date,
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable,
    sum(ledger.repeated) AS repeated,
    sum(ledger.findings) AS findings,
    sum(ledger.unmapped) AS unmapped,
    uniqExact(topic_id, partition, offset) AS messages,
    max(ledger.declared_empty) AS declared_empty,
    arraySort(arrayFilter(x -> x != '', groupUniqArray(ledger.reason))) AS reasons,
    arraySort(groupUniqArrayArray(ledger.unknown_columns)) AS unknown_columns,
    max(ledger.arrived_at) AS arrived_at,
    max(ledger.landed_at) AS landed_at
FROM ledger FINAL
WHERE org = {org:String} AND batch = {batch:String} AND ({table:String} = '' OR `table` = {table:String})
GROUP BY `table`, biz_date
ORDER BY `table`, biz_date
