-- Counts of some institutions and business days as they are now: of the stretches that got rows lately straight from the
-- ledger, of all others as they were summed (ledger_days). What the sums by day say a few seconds later.
-- Rows: org, table, biz_date Date32, received, accepted, rejected, flagged UInt64, first_arrived_at DateTime64 (of rows).
-- Parameters: orgs Array(String), days Array(Date32); topic_ids Array(String), partitions Array(UInt32), stretches
-- Array(UInt64), of equal length: the stretches.
SELECT
    org,
    `table`,
    biz_date,
    sum(one.received) AS received,
    sum(one.accepted) AS accepted,
    sum(one.rejected) AS rejected,
    sum(one.flagged) AS flagged,
    minIf(one.first_arrived_at, one.received > 0) AS first_arrived_at
FROM
(
    SELECT
        toString(org) AS org, toString(`table`) AS `table`, biz_date, ledger_days.received AS received,
        ledger_days.accepted AS accepted, ledger_days.rejected AS rejected, ledger_days.flagged AS flagged,
        ledger_days.first_arrived_at AS first_arrived_at
    FROM ledger_days FINAL
    WHERE biz_date IN {days:Array(Date32)} AND org IN {orgs:Array(String)}
        AND (topic_id, partition, stretch) NOT IN
        (
            SELECT tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3)
            FROM
            (
                SELECT arrayJoin(arrayZip(
                    {topic_ids:Array(String)}, {partitions:Array(UInt32)}, {stretches:Array(UInt64)})) AS place
            )
        )
    UNION ALL
    SELECT org, `table`, biz_date, received, accepted, rejected, flagged, first_arrived_at
    FROM {{ledger_sums}}
    WHERE org IN {orgs:Array(String)} AND biz_date IN {days:Array(Date32)}
) AS one
GROUP BY org, `table`, biz_date
HAVING received > 0
