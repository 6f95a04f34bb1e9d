-- What takes points away: rules by the points that they cost the front pages chosen. Rows: part, rule_id, severity, scope
-- (flight, store), column, pages (front pages that violate it), orgs UInt64, points Float64 (taken away, all front pages
-- together; what goes below 0 on a front page included).
-- Parameters: those of front_page_points.
SELECT part, rule_id, severity, scope, any(violations.column) AS column, count() AS pages, uniqExact(violations.org) AS orgs,
    sum(violations.points) AS points
FROM {{front_page_violations}} AS violations
WHERE (org, topic_id, partition, offset, row) IN
    (SELECT org, topic_id, partition, offset, row FROM {{front_page_points}})
GROUP BY part, rule_id, severity, scope
ORDER BY points DESC, part, rule_id
