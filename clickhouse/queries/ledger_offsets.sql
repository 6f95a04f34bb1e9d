-- Where work has to start: the first offset at or after `from` that the ledger lacks. One row: first_missing UInt64.
-- Parameters: topic_id String, partition UInt32, from UInt64 (the first offset that the topic still holds).
SELECT {from:UInt64} + countIf(offset = {from:UInt64} + place - 1) AS first_missing
FROM
(
    SELECT offset, row_number() OVER (ORDER BY offset) AS place
    FROM
    (
        SELECT DISTINCT offset
        FROM ledger
        WHERE topic_id = {topic_id:String} AND partition = {partition:UInt32} AND offset >= {from:UInt64}
    )
)
