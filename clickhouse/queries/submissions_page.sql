-- Submissions as they stand, the newest first. Rows: every column of submission_steps, current UInt8 (1: its rows count),
-- total UInt64 (all that there are).
-- Parameters: id, org String (empty: any), month Date32 (1970-01-01: any), since DateTime64(3, 'Asia/Shanghai') (steps from
-- then on), limit, offset UInt32.
SELECT now.*, switched.submission = now.id AS current, count() OVER () AS total
FROM {{submissions_now}} AS now
LEFT JOIN {{submissions_current}} AS switched ON now.org = switched.org AND now.month = switched.month
WHERE {month:Date32} = toDate32('1970-01-01') OR now.month = {month:Date32}
ORDER BY now.started_at DESC, now.id
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
