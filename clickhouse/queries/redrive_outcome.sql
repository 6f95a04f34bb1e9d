-- What became of the rows of a redrive until now. One row: accepted, rejected, unreadable, repeated UInt64.
-- Parameters: id String.
SELECT sum(ledger.accepted) AS accepted, sum(ledger.rejected) AS rejected, sum(ledger.unreadable) AS unreadable,
    sum(ledger.repeated) AS repeated
FROM ledger FINAL
WHERE redrive = {id:String}
