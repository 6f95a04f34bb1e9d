-- How many cases a deduplication key has had. Rows: key, opening UInt32.
-- Parameters: keys Array(String).
SELECT key, max(case_steps.opening) AS opening
FROM case_steps
WHERE key IN {keys:Array(String)}
GROUP BY key
ORDER BY key
