-- Up to which change the sums of some days are known, and whether rows of them were ever rejected. Rows: org, table,
-- biz_date Date32, changed_at DateTime64, rejected UInt8.
-- Parameters: orgs, tables Array(String), days Array(Date32), of equal length.
SELECT toString(org) AS org, toString(`table`) AS `table`, biz_date, max(ledger_days.changed_at) AS changed_at,
    max(ledger_days.rejected) > 0 AS rejected
FROM ledger_days
WHERE org IN {orgs:Array(String)} AND biz_date IN {days:Array(Date32)}
    AND (org, `table`, biz_date) IN
    (
        SELECT tupleElement(cell, 1), tupleElement(cell, 2), tupleElement(cell, 3)
        FROM
        (
            SELECT arrayJoin(arrayZip({orgs:Array(String)}, {tables:Array(String)}, {days:Array(Date32)})) AS cell
        )
    )
GROUP BY org, `table`, biz_date
