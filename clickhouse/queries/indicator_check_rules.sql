-- Check report, by rule: what was found when rows arrived (scope flight), and by rules that look at other rows too
-- (scope store; what was resolved later does not count). Rows, most first: scope, table, rule_id, severity, findings
-- UInt64, orgs UInt64 (institutions), days UInt64 (institution-days).
-- Parameters: biz_from, biz_to Date32 (both included); (empty: no filter) table, org, city, county, type String;
-- level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT scope, `table`, rule_id, severity, sum(n) AS findings, count() AS orgs, sum(of_days) AS days
FROM
(
    SELECT
        'flight' AS scope, org, `table`, toString(rule) AS rule_id, toString(level) AS severity, sum(found) AS n,
        count() AS of_days
    FROM day_facts FINAL
    ARRAY JOIN rules.rule_id AS rule, rules.severity AS level, rules.findings AS found
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
        AND ({table:String} = '' OR `table` = {table:String})
        AND org IN {{org_scope}}
    GROUP BY org, `table`, rule, level
    UNION ALL
    SELECT
        'store', org, `table`, toString(store_days.rule_id), toString(store_days.severity), sum(failed), count()
    FROM store_days FINAL
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND failed > 0
        AND ({table:String} = '' OR `table` = {table:String})
        AND org IN {{org_scope}}
    GROUP BY org, `table`, store_days.rule_id, store_days.severity
)
GROUP BY scope, `table`, rule_id, severity
ORDER BY findings DESC, scope, `table`, rule_id, severity
