-- The ledger's rows of whole stretches, summed by business day, institution, table and day of arrival; repeats count
-- for nothing. Rows: the columns of ledger_days but changed_at and summed_at.
-- Parameters: topic_ids Array(String), partitions Array(UInt32), stretches Array(UInt64), of equal length.
SELECT
    biz_date,
    toString(org) AS org,
    toString(`table`) AS `table`,
    toDate32(arrived_at) AS arrival_day,
    toString(topic_id) AS topic_id,
    partition,
    intDiv(offset, 10000) AS stretch,
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable,
    sum(ledger.findings) AS findings,
    sum(ledger.unmapped) AS unmapped,
    count() AS messages,
    max(ledger.declared_empty) AS declared_empty,
    if(received > 0, minIf(arrived_at, ledger.received > 0), min(arrived_at)) AS first_arrived_at,
    if(received > 0, maxIf(arrived_at, ledger.received > 0), max(arrived_at)) AS last_arrived_at
FROM ledger FINAL
WHERE (topic_id, partition, intDiv(offset, 10000)) IN
    (
        SELECT tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3)
        FROM
        (
            SELECT arrayJoin(arrayZip(
                {topic_ids:Array(String)}, {partitions:Array(UInt32)}, {stretches:Array(UInt64)})) AS place
        )
    )
    AND kind != 'repeat'
GROUP BY biz_date, org, `table`, arrival_day, topic_id, partition, stretch
