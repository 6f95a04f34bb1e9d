-- What the ledger lacks of a stretch of a partition, as ranges. Rows: first UInt64, last UInt64 (both missing), in order.
-- Parameters: topic_id String, partition UInt32, from UInt64, to UInt64 (the first offset that is not asked for, like
-- Kafka's end offset).
WITH present AS
(
    SELECT DISTINCT offset
    FROM ledger
    WHERE topic_id = {topic_id:String} AND partition = {partition:UInt32}
        AND offset >= {from:UInt64} AND offset < {to:UInt64}
)
SELECT first, last
FROM
(
    -- before the first one and between two of them
    SELECT after AS first, offset - 1 AS last
    FROM
    (
        SELECT
            offset,
            lagInFrame(offset + 1, 1, {from:UInt64}) OVER
                (ORDER BY offset ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS after
        FROM present
    )
    WHERE offset > after
    UNION ALL
    -- after the last one
    SELECT if(count() = 0, {from:UInt64}, max(offset) + 1) AS first, {to:UInt64} - 1 AS last
    FROM present
    HAVING first < {to:UInt64}
)
ORDER BY first
