-- Dead letters of the last week that nobody has put right, by sender and table. Rows, the newest first: org, table,
-- letters UInt64, reasons, last_at DateTime64.
-- Parameters: since DateTime64 (arrived at or after it).
SELECT org, `table`, letters, arrayStringConcat(reasons, ', ') AS why, last_at
FROM {{watch_letters}}
ORDER BY last_at DESC, org, `table`
