-- How the parent references of rows came out. Rows: org, table, biz_date, rule_id, checked, failed UInt64.
-- Parameters: days Array(Date32).
SELECT toString(org) AS org, toString(`table`) AS `table`, biz_date, toString(rule_id) AS rule_id, checked, failed
FROM store_days FINAL
WHERE biz_date IN {days:Array(Date32)} AND kind = 'parent'
