-- Findings of some days by rule; only those of messages that the ledger has, because what an attempt left behind that
-- never got there counts for nothing. Rows: org, table, biz_date Date32, rules Array(Tuple(rule_id, severity, findings)).
-- Parameters: orgs, tables Array(String), days Array(Date32), of equal length.
WITH
    cells AS
    (
        SELECT tupleElement(cell, 1) AS org, tupleElement(cell, 2) AS `table`, tupleElement(cell, 3) AS biz_date
        FROM
        (
            SELECT arrayJoin(arrayZip({orgs:Array(String)}, {tables:Array(String)}, {days:Array(Date32)})) AS cell
        )
    ),
    found AS
    (
        SELECT toString(org) AS org, toString(`table`) AS `table`, biz_date, toString(findings.rule_id) AS rule,
            toString(severity) AS level, topic_id, partition, offset, count() AS n
        FROM findings FINAL
        WHERE org IN {orgs:Array(String)} AND biz_date IN {days:Array(Date32)}
            AND (org, `table`, biz_date) IN (SELECT org, `table`, biz_date FROM cells)
        GROUP BY org, `table`, biz_date, rule, level, topic_id, partition, offset
    )
SELECT org, `table`, biz_date,
    arraySort(groupArray(CAST((rule, level, findings), 'Tuple(rule_id String, severity String, findings UInt64)'))) AS rules
FROM
(
    SELECT org, `table`, biz_date, rule, level, sum(n) AS findings
    FROM found
    WHERE (topic_id, partition, offset) IN
    (
        SELECT topic_id, partition, offset
        FROM ledger
        WHERE (topic_id, partition, offset) IN (SELECT topic_id, partition, offset FROM found)
    )
    GROUP BY org, `table`, biz_date, rule, level
)
GROUP BY org, `table`, biz_date
