-- Counts by institution, table and business day, the same however often something was sent or landed again. Rows: org,
-- table, biz_date Date32 (1970-01-01: unknown), received, accepted, rejected, flagged, unreadable, findings, unmapped,
-- messages UInt64, declared_empty UInt8, arrived_at DateTime64 (latest).
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table String, biz_from, biz_to Date32 (both included).
SELECT
    org,
    `table`,
    biz_date,
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable,
    sum(ledger.findings) AS findings,
    sum(ledger.unmapped) AS unmapped,
    uniqExact(topic_id, partition, offset) AS messages,
    max(ledger.declared_empty) AS declared_empty,
    max(ledger.arrived_at) AS arrived_at
FROM ledger FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
    AND kind != 'repeat'
GROUP BY org, `table`, biz_date
ORDER BY org, `table`, biz_date
