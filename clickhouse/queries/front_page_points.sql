-- Points of each front page that counts: 100 in each part less what its violations take away, not below 0.
-- Rows: those of front_page_rows, completeness, logic, coding Float64, findings, errors UInt64.
-- Parameters: those of front_page_rows and front_page_violations; departments, diagnoses, diseases Array(String)
-- (beginnings of codes; all empty: every front page).
SELECT pages.month AS month, pages.org AS org, pages.submission AS submission, pages.topic_id AS topic_id,
    pages.partition AS partition, pages.offset AS offset, pages.row AS row, pages.row_key AS row_key,
    pages.batch AS batch, pages.outcome AS outcome, pages.department AS department, pages.diagnosis AS diagnosis,
    pages.disease AS disease,
    greatest(0, 100 - lost.completeness) AS completeness, greatest(0, 100 - lost.logic) AS logic,
    greatest(0, 100 - lost.coding) AS coding, lost.findings AS findings, lost.errors AS errors
FROM {{front_page_rows}} AS pages
LEFT JOIN
(
    SELECT org, topic_id, partition, offset, row,
        sumIf(points, part = 'completeness') AS completeness, sumIf(points, part = 'logic') AS logic,
        sumIf(points, part = 'coding') AS coding, count() AS findings, countIf(severity = 'error') AS errors
    FROM {{front_page_violations}}
    GROUP BY org, topic_id, partition, offset, row
) AS lost ON pages.org = lost.org AND pages.topic_id = lost.topic_id AND pages.partition = lost.partition
    AND pages.offset = lost.offset AND pages.row = lost.row
WHERE empty({departments:Array(String)}) AND empty({diagnoses:Array(String)}) AND empty({diseases:Array(String)})
    OR arrayExists(x -> startsWith(pages.department, x), {departments:Array(String)})
    OR arrayExists(x -> startsWith(pages.diagnosis, x), {diagnoses:Array(String)})
    OR pages.disease != '' AND arrayExists(x -> startsWith(pages.disease, x), {diseases:Array(String)})
