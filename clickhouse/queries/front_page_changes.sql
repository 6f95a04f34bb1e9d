-- What a submission has otherwise than the one before it, by record number and number of admissions; a row without a whole
-- key is one of its own. A part of other queries. Rows: key, row, before_row UInt32 (rows of the two files; 0: not there),
-- change (added, removed, changed, same).
-- Parameters: org, submission, before String.
SELECT key, row, before_row,
    multiIf(before_row = 0, 'added', row = 0, 'removed', hash != before_hash, 'changed', 'same') AS change
FROM
(
    SELECT if(has(splitByChar('|', key), ''), concat(key, '#', toString(row), '#', submission), key) AS whole,
        any(submission_rows.key) AS key, maxIf(submission_rows.row, submission = {submission:String}) AS row,
        maxIf(submission_rows.row, submission = {before:String}) AS before_row,
        maxIf(hash, submission = {submission:String}) AS hash, maxIf(hash, submission = {before:String}) AS before_hash
    FROM submission_rows FINAL
    WHERE org = {org:String} AND submission IN ({submission:String}, {before:String})
    GROUP BY whole
)
