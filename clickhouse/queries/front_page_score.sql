-- Quality score of front pages by month and institution. Rows: month Date32, org, name, level UInt8, type, submission
-- (empty: the stream's), pages, accepted, rejected, perfect (nothing was found), findings, errors UInt64, completeness,
-- logic, coding Float64 (means over the front pages).
-- Parameters: those of front_page_points.
SELECT points.month AS month, points.org AS org, known.name AS name, known.level AS level, known.type AS type,
    any(points.submission) AS submission,
    count() AS pages, countIf(outcome = 'accepted') AS accepted, countIf(outcome = 'rejected') AS rejected,
    countIf(points.findings = 0) AS perfect, sum(points.findings) AS findings, sum(points.errors) AS errors,
    avg(points.completeness) AS completeness, avg(points.logic) AS logic, avg(points.coding) AS coding
FROM {{front_page_points}} AS points
LEFT JOIN (SELECT org, name, level, toString(type) AS type FROM orgs FINAL) AS known ON points.org = known.org
GROUP BY month, org, name, level, type
ORDER BY month, org
