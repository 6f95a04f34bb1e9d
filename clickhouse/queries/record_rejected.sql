-- Rejected rows of one visit, as they were sent; of front pages those of the submission that counts. Rows: table, row_key, biz_date Date32, batch, raw (JSON: column → text),
-- arrived_at DateTime64, topic_id, partition, offset, row.
-- Parameters: org, visit String.
SELECT `table`, row_key, biz_date, batch, raw, arrived_at, topic_id, partition, offset, row
FROM rejected_rows FINAL
WHERE org = {org:String}
    AND (position(batch, '/') = 0 OR (org, splitByChar('/', batch)[1]) IN (SELECT org, submission FROM {{submissions_current}}))
    AND (`table`, topic_id, partition, offset, row) IN
(
    SELECT `table`, topic_id, partition, offset, row
    FROM findings FINAL
    WHERE org = {org:String} AND visit = {visit:String} AND outcome = 'rejected'
)
ORDER BY `table`, arrived_at, offset, row
