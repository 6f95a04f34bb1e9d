-- Front pages that count: those of the submission that their month was switched to, else those of the stream. Rejected
-- ones of the stream count once, and not when the same front page stands. A part of other queries.
-- Rows: org, month Date32, submission, topic_id, partition, offset, row, row_key, batch, outcome (accepted, rejected),
-- department, diagnosis, disease String (empty: not given, or rejected so long ago that the row is gone).
-- Parameters: those of org_scope; biz_from, biz_to Date32 (months of discharge, both included).
SELECT
    if(pages.submission = '', toDate32(toStartOfMonth(pages.day)), months.month) AS month,
    pages.org AS org, pages.submission AS submission, topic_id, partition, offset, row, row_key, batch, outcome,
    department, diagnosis, disease
FROM
(
    SELECT toString(p900) AS org, _biz_date AS day, toString(_submission) AS submission,
        toString(_topic_id) AS topic_id, _partition AS partition, _offset AS offset, _row AS row,
        concat(p3, '|', p2) AS row_key, _batch AS batch, 'accepted' AS outcome,
        toString(p26) AS department, p321 AS diagnosis, zb_jbbm AS disease
    FROM tb_basy FINAL
    WHERE p900 IN {{org_scope}}
        AND (_submission = '' AND _biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            OR _submission IN (SELECT submission FROM {{submissions_current}}
                WHERE month BETWEEN {biz_from:Date32} AND {biz_to:Date32}))
    UNION ALL
    SELECT org, day, submission, topic_id, partition, offset, row, row_key, batch, 'rejected' AS outcome,
        JSONExtractString(raw, 'P26') AS department, JSONExtractString(raw, 'P321') AS diagnosis,
        JSONExtractString(raw, 'ZB_JBBM') AS disease
    FROM
    (
        SELECT toString(findings.org) AS org, any(biz_date) AS day, toString(topic_id) AS topic_id, partition, offset,
            row, any(findings.row_key) AS row_key, any(findings.batch) AS batch,
            if(position(batch, '/') = 0, '', splitByChar('/', batch)[1]) AS submission, max(arrived_at) AS arrived
        FROM findings FINAL
        WHERE `table` = 'TB_BASY' AND findings.org IN {{org_scope}} AND outcome = 'rejected'
            AND (biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
                OR splitByChar('/', findings.batch)[1] IN (SELECT submission FROM {{submissions_current}}
                    WHERE month BETWEEN {biz_from:Date32} AND {biz_to:Date32}))
        GROUP BY org, topic_id, partition, offset, row
        ORDER BY arrived DESC
        LIMIT 1 BY org, submission, if(submission != '' OR has(splitByChar('|', row_key), ''),
            toString((topic_id, partition, offset, row)), row_key)
    ) AS refused
    LEFT JOIN
    (
        SELECT toString(topic_id) AS topic_id, partition, offset, row, raw
        FROM rejected_rows FINAL
        WHERE `table` = 'TB_BASY' AND rejected_rows.org IN {{org_scope}}
    ) AS kept USING (topic_id, partition, offset, row)
    WHERE submission != '' OR (org, row_key) NOT IN
    (
        SELECT toString(p900), concat(p3, '|', p2) FROM tb_basy FINAL
        WHERE p900 IN {{org_scope}} AND _submission = ''
    )
) AS pages
LEFT JOIN (SELECT org, month, submission FROM {{submissions_current}}) AS months
    ON months.org = pages.org AND months.submission = pages.submission
WHERE pages.submission != '' AND months.submission != ''
    OR pages.submission = '' AND (pages.org, toDate32(toStartOfMonth(pages.day))) NOT IN
        (SELECT org, month FROM {{submissions_current}})
