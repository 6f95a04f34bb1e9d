-- Rows a second by worker. Rows, in order of time: time, name (the worker), rows Float64. No parameters.
SELECT $__timeInterval(stored_at) AS time, toString(worker) AS name, sum(ledger.received) / $__interval_s AS rows
FROM ledger
WHERE $__timeFilter(stored_at)
GROUP BY time, name
ORDER BY time, name
