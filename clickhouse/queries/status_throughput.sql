-- Rows landed by step of time, without test institutions; without FINAL, because it is a picture and not an account. Rows: step Int64 (number of
-- the step since 1970 UTC), rows UInt64.
-- Parameters: seconds UInt32 (length of a step), since DateTime64.
SELECT intDiv(toUnixTimestamp64Milli(landed_at), 1000 * {seconds:UInt32}) AS step, sum(received) AS rows
FROM ledger
WHERE landed_at >= {since:DateTime64(3, 'Asia/Shanghai')}
    AND org NOT IN (SELECT org FROM orgs FINAL WHERE test = 1)
GROUP BY step
ORDER BY step
