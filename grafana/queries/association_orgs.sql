-- Association by institution, the highest failure rate first. Rows: org, name, checked, failed UInt64, failed_rate
-- Nullable(Float64).
-- Parameters: those of indicator_association.
SELECT toString(one.org) AS org, any(one.name) AS name, sum(one.checked) AS checked, sum(one.failed) AS failed,
    if(checked = 0, NULL, failed / checked) AS failed_rate
FROM {{indicator_association}} AS one
GROUP BY org
ORDER BY failed_rate DESC, org
