-- Submissions that counted for a month. Rows: number UInt32, submission; the greatest number is the one that counts now.
-- Parameters: org String, month Date32.
SELECT version AS number, submission
FROM submission_switches
WHERE org = {org:String} AND month = {month:Date32}
ORDER BY version, at, writer
LIMIT 1 BY version
