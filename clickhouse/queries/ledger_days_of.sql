-- What ledger_days holds of whole stretches. Rows: the columns of ledger_days but changed_at and summed_at.
-- Parameters: topic_ids Array(String), partitions Array(UInt32), stretches Array(UInt64), of equal length.
SELECT
    biz_date,
    toString(org) AS org,
    toString(`table`) AS `table`,
    arrival_day,
    toString(topic_id) AS topic_id,
    partition,
    stretch,
    received,
    accepted,
    rejected,
    flagged,
    unreadable,
    findings,
    unmapped,
    messages,
    declared_empty,
    first_arrived_at,
    last_arrived_at
FROM ledger_days FINAL
WHERE stretch IN {stretches:Array(UInt64)}
    AND (topic_id, partition, stretch) IN
    (
        SELECT tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3)
        FROM
        (
            SELECT arrayJoin(arrayZip(
                {topic_ids:Array(String)}, {partitions:Array(UInt32)}, {stretches:Array(UInt64)})) AS place
        )
    )
