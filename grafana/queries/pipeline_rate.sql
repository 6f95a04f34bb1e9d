-- Rows a second as they landed, by outcome, test institutions too; without FINAL, because it is a picture and not an
-- account. Rows, in order of time: time, accepted, rejected, unreadable, repeated Float64. No parameters.
SELECT $__timeInterval(stored_at) AS time, sum(ledger.accepted) / $__interval_s AS accepted,
    sum(ledger.rejected) / $__interval_s AS rejected, sum(ledger.unreadable) / $__interval_s AS unreadable,
    sum(ledger.repeated) / $__interval_s AS repeated
FROM ledger
WHERE $__timeFilter(stored_at)
GROUP BY time
ORDER BY time
