-- The lines of unreadable messages in the ledger, by place. Rows: every column of ledger but stored_at.
-- Parameters: topic_ids Array(String), partitions Array(UInt32), offsets Array(UInt64), of equal length.
SELECT * EXCEPT (stored_at)
FROM ledger FINAL
WHERE kind = 'unreadable' AND (topic_id, partition, offset) IN
(
    SELECT tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3)
    FROM (SELECT arrayJoin(arrayZip({topic_ids:Array(String)}, {partitions:Array(UInt32)}, {offsets:Array(UInt64)}))
        AS place)
)
