-- Rules that were violated most. Rows, most first: rule_id, table, severity, findings, orgs, days UInt64.
-- Parameters: those of indicator_check_rules; limit UInt32.
SELECT rule_id, toString(`table`) AS `table`, severity, findings, orgs, days
FROM {{indicator_check_rules}}
ORDER BY findings DESC, rule_id
LIMIT {limit:UInt32}
