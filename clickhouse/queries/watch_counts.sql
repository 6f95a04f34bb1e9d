-- What came, by institution, table and business day. Rows: org, table, biz_date, received, bad (flagged and rejected)
-- UInt64, incident UInt8.
-- Parameters: days Array(Date32).
SELECT counts.org AS org, counts.`table` AS `table`, counts.biz_date AS biz_date, received, bad, incident
FROM
(
    SELECT
        toString(ledger_days.org) AS org, toString(ledger_days.`table`) AS `table`, biz_date,
        sum(ledger_days.received) AS received,
        sum(ledger_days.flagged) + sum(ledger_days.rejected) AS bad
    FROM ledger_days FINAL
    WHERE biz_date IN {days:Array(Date32)} AND ledger_days.org != '' AND ledger_days.`table` != ''
        AND (ledger_days.received > 0 OR declared_empty = 1)
    GROUP BY org, `table`, biz_date
) AS counts
LEFT JOIN
(
    SELECT toString(org) AS org, toString(`table`) AS `table`, biz_date, incident
    FROM expected_days FINAL
    WHERE biz_date IN {days:Array(Date32)} AND incident = 1
) AS expected ON counts.org = expected.org AND counts.`table` = expected.`table` AND counts.biz_date = expected.biz_date
