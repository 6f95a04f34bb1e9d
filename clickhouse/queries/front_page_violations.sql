-- Rules that front pages violate, on arrival and by other rows when those rules were run last, each rule once a row. A
-- part of other queries; which rows count is the matter of front_page_rows.
-- Rows: org, topic_id, partition, offset, row, rule_id, severity, column, value (masked), scope (flight, store), part
-- (completeness, logic, coding), points Float64 (what it takes away).
-- Parameters: those of org_scope; biz_from, biz_to Date32; completeness, coding Array(String) (kinds of checks), error,
-- warning Float64 (points).
SELECT org, topic_id, partition, offset, row, rule_id, severity, column, value, scope,
    multiIf(has({completeness:Array(String)}, kind), 'completeness', has({coding:Array(String)}, kind), 'coding', 'logic')
        AS part,
    if(severity = 'error', {error:Float64}, {warning:Float64}) AS points
FROM
(
    SELECT toString(findings.org) AS org, toString(topic_id) AS topic_id, partition, offset, row,
        toString(rule_id) AS rule_id, toString(severity) AS severity, toString(column) AS column, value,
        'flight' AS scope, toString(check) AS kind
    FROM findings FINAL
    WHERE `table` = 'TB_BASY' AND findings.org IN {{org_scope}}
        AND (biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            OR splitByChar('/', findings.batch)[1] IN (SELECT submission FROM {{submissions_current}}
                WHERE month BETWEEN {biz_from:Date32} AND {biz_to:Date32}))
    UNION ALL
    SELECT found.org, found.topic_id, found.partition, found.offset, found.row, found.rule_id, found.severity,
        found.column, found.value, 'store' AS scope, days.kind AS kind
    FROM
    (
        SELECT biz_date, toString(store_findings.org) AS org, toString(topic_id) AS topic_id, partition, offset, row,
            toString(rule_id) AS rule_id, toString(severity) AS severity, toString(column) AS column, value, run_at
        FROM store_findings FINAL
        WHERE `table` = 'TB_BASY' AND store_findings.org IN {{org_scope}}
            AND biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    ) AS found
    INNER JOIN
    (
        SELECT biz_date, toString(store_days.org) AS org, toString(rule_id) AS rule_id, toString(kind) AS kind, run_at
        FROM store_days FINAL
        WHERE `table` = 'TB_BASY' AND store_days.org IN {{org_scope}} AND failed > 0
            AND biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    ) AS days ON found.biz_date = days.biz_date AND found.org = days.org AND found.rule_id = days.rule_id
        AND found.run_at = days.run_at
)
ORDER BY org, topic_id, partition, offset, row, rule_id, severity
LIMIT 1 BY org, topic_id, partition, offset, row, rule_id
