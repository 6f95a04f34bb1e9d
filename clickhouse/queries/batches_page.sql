-- What was sent, by institution, table and batch, as it landed, the last that arrived first; repeats count for nothing. A
-- batch without a number is one message. With the receipt of the batch when it came through the gateway.
-- Rows: org, table, batch, op, receipt_id, first_day, last_day Date32 (of its rows), received, accepted, rejected, flagged,
-- unreadable, findings UInt64, declared_empty, replay UInt8, reasons Array(String) (why unreadable), arrived_at, landed_at
-- DateTime64.
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, table String, biz_from, biz_to Date32 (both included);
-- limit, offset UInt32.
SELECT sent.*, toString(known.receipt_id) AS receipt_id
FROM
(
    SELECT
        toString(org) AS org,
        toString(`table`) AS `table`,
        batch,
        toString(any(ledger.op)) AS op,
        min(biz_date) AS first_day,
        max(biz_date) AS last_day,
        sum(ledger.received) AS received,
        sum(ledger.accepted) AS accepted,
        sum(ledger.rejected) AS rejected,
        sum(ledger.flagged) AS flagged,
        sum(ledger.unreadable) AS unreadable,
        sum(ledger.findings) AS findings,
        max(ledger.declared_empty) AS declared_empty,
        max(ledger.replay) AS replay,
        arraySort(arrayFilter(x -> x != '', groupUniqArray(toString(ledger.reason)))) AS reasons,
        min(ledger.arrived_at) AS arrived_at,
        max(ledger.landed_at) AS landed_at
    FROM ledger FINAL
    WHERE ({org:String} = '' OR org = {org:String})
        AND ({table:String} = '' OR `table` = {table:String})
        AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
        AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
        AND kind != 'repeat'
    GROUP BY org, `table`, batch, if(batch = '', (topic_id, partition, offset), ('', 0, 0))
    ORDER BY arrived_at DESC, org, `table`, batch
    LIMIT {limit:UInt32} OFFSET {offset:UInt32}
) AS sent
LEFT JOIN
(
    SELECT toString(org) AS org, toString(`table`) AS `table`, batch, argMax(receipt_id, updated_at) AS receipt_id
    FROM uploads FINAL
    WHERE ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    GROUP BY org, `table`, batch
) AS known ON sent.org = known.org AND sent.`table` = known.`table` AND sent.batch = known.batch
ORDER BY arrived_at DESC, org, `table`, batch
