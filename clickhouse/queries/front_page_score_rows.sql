-- Front pages with their points, those that lost most first. Rows: month Date32, org, name, row_key, submission, file_row
-- UInt32 (row of the sender's file; 0: the stream), outcome, department, diagnosis, findings, errors, completeness, logic,
-- coding, score Float64.
-- Parameters: those of front_page_points; completeness_weight, logic_weight, coding_weight Float64; limit, offset
-- UInt64.
SELECT points.month AS month, points.org AS org, known.name AS name, row_key, submission,
    toUInt32(if(submission = '', 0, toUInt32OrZero(splitByChar('/', batch)[2]) + row - 1)) AS file_row, outcome,
    department, diagnosis, findings, errors, completeness, logic, coding,
    completeness * {completeness_weight:Float64} + logic * {logic_weight:Float64} + coding * {coding_weight:Float64}
        AS score
FROM {{front_page_points}} AS points
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON points.org = known.org
ORDER BY score, month, org, file_row, row_key, offset, row
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
