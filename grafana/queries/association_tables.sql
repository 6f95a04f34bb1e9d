-- Association by table and rule, the highest failure rate first. Rows: table, rule_id, severity, checked, failed UInt64,
-- failed_rate Nullable(Float64), orgs UInt64.
-- Parameters: those of indicator_association.
SELECT toString(one.`table`) AS `table`, toString(one.rule_id) AS rule_id, any(toString(one.severity)) AS severity,
    sum(one.checked) AS checked, sum(one.failed) AS failed, if(checked = 0, NULL, failed / checked) AS failed_rate,
    uniqExactIf(one.org, one.failed > 0) AS orgs
FROM {{indicator_association}} AS one
GROUP BY `table`, rule_id
ORDER BY failed_rate DESC, `table`, rule_id
