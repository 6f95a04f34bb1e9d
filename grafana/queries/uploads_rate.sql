-- Rows by minute as they landed, of the board's range of time; without FINAL, because it is a picture and not an account.
-- Rows, in order of time: time, accepted, rejected, flagged Float64 (rows a minute).
-- Parameters: those of org_scope.
SELECT
    $__timeInterval(stored_at) AS time,
    sum(ledger.accepted) * 60 / $__interval_s AS accepted,
    sum(ledger.rejected) * 60 / $__interval_s AS rejected,
    sum(ledger.flagged) * 60 / $__interval_s AS flagged
FROM ledger
WHERE $__timeFilter(stored_at) AND kind != 'repeat' AND org IN {{org_scope}}
GROUP BY time
ORDER BY time
