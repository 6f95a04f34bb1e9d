-- Which rules the rows of a day violate. Rows: org, table, biz_date, rules Array(Tuple(rule_id, severity, findings)), the
-- most frequent first, five at most.
-- Parameters: days Array(Date32).
SELECT toString(org) AS org, toString(`table`) AS `table`, biz_date,
    arraySlice(arrayReverseSort(rule -> (rule.3, rule.1), rules), 1, 5) AS rules
FROM day_facts FINAL
WHERE biz_date IN {days:Array(Date32)} AND notEmpty(day_facts.rules)
