-- What became of the rows of a redrive until now. Rows have one outcome: those that still stand where they were rejected
-- are not told yet. One row: accepted, rejected, unreadable, repeated UInt64.
-- Parameters: id String.
SELECT sum(ledger.accepted) AS accepted, sum(ledger.rejected) AS rejected, sum(ledger.unreadable) AS unreadable,
    sum(ledger.repeated) AS repeated
FROM ledger FINAL
WHERE redrive = {id:String} AND
    (
        kind = 'repeat'
        OR (origin_topic_id, origin_partition, origin_offset) NOT IN
        (
            SELECT topic_id, partition, ledger.offset
            FROM ledger FINAL
            WHERE ledger.rejected > 0 AND (topic_id, partition, ledger.offset) IN
            (
                SELECT origin_topic_id, origin_partition, origin_offset
                FROM ledger
                WHERE redrive = {id:String}
            )
        )
    )
