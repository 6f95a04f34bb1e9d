-- Which submission counts for each institution and month. Rows: org, month Date32, submission, number UInt32,
-- switched_at DateTime64; no row: rows of the stream count.
SELECT toString(org) AS org, month, submission, version AS number, at AS switched_at
FROM submission_switches
ORDER BY id, version DESC, at, writer
LIMIT 1 BY id
