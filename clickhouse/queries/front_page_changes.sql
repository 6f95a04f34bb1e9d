-- What a submission has otherwise than the one before it, by record number and number of admissions; a row without a whole
-- key is one of its own. A part of other queries. Rows: key, row, before_row UInt32 (rows of the two files; 0: not there),
-- change (added, removed, changed, same).
-- Parameters: org, submission, before String.
SELECT shown AS key, row, before_row,
    multiIf(before_row = 0, 'added', row = 0, 'removed', hash != before_hash, 'changed', 'same') AS change
FROM
(
    SELECT if(has(splitByChar('|', key), ''), concat(key, '#', toString(at), '#', submission), key) AS whole,
        any(key) AS shown, maxIf(at, submission = {submission:String}) AS row,
        maxIf(at, submission = {before:String}) AS before_row,
        maxIf(content, submission = {submission:String}) AS hash, maxIf(content, submission = {before:String}) AS before_hash
    FROM (SELECT org, submission, key, row AS at, hash AS content FROM submission_rows FINAL)
    WHERE org = {org:String} AND submission IN ({submission:String}, {before:String})
    GROUP BY whole
)
