-- Which tables institutions have ever sent, or declared empty. Rows: org, table, first_day, last_day Date32, received
-- UInt64. Parameters: orgs Array(String).
SELECT org, `table`, min(biz_date) AS first_day, max(biz_date) AS last_day, sum(ledger_days.received) AS received
FROM ledger_days FINAL
WHERE org IN {orgs:Array(String)} AND biz_date > toDate32(0)
    AND (ledger_days.received > ledger_days.unreadable OR ledger_days.declared_empty = 1)
GROUP BY org, `table`
ORDER BY org, `table`
