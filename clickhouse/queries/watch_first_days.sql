-- The first business day of every institution: the first one on which it sent half as many tables as on its best day. A
-- discharge belongs to the day of its admission, so single rows of earlier days say nothing. Rows: org, first_day Date32.
SELECT org, min(biz_date) AS first_day
FROM
(
    SELECT org, biz_date, count() AS tables, max(tables) OVER (PARTITION BY org) AS most
    FROM
    (
        SELECT DISTINCT org, biz_date, `table`
        FROM ledger_days
        WHERE biz_date > toDate32(0) AND org != '' AND (received > 0 OR declared_empty = 1)
            AND `table` NOT IN {{monthly_tables}}
    )
    GROUP BY org, biz_date
)
WHERE tables * 2 >= most
GROUP BY org
ORDER BY org
