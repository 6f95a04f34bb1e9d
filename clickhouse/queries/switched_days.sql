-- Months that were switched to another submission, and their days with front pages of whatever submission. Rows: switch,
-- org, table, at DateTime64, days Array(Date32).
-- Parameters: since DateTime64(3, 'Asia/Shanghai') (switched then or later).
SELECT
    concat(switches.id, '|', toString(version)) AS switch,
    toString(switches.org) AS org,
    toString(any(days.`table`)) AS `table`,
    any(switches.at) AS at,
    arraySort(groupUniqArray(days.biz_date)) AS days
FROM
(
    SELECT id, version, org, month, at
    FROM submission_switches
    WHERE at >= {since:DateTime64(3, 'Asia/Shanghai')}
) AS switches
INNER JOIN
(
    SELECT org, `table`, biz_date, toDate32(toStartOfMonth(biz_date)) AS month
    FROM ledger_days
    WHERE `table` IN ({{monthly_tables}})
        AND org IN (SELECT org FROM submission_switches WHERE at >= {since:DateTime64(3, 'Asia/Shanghai')})
) AS days ON switches.org = days.org AND switches.month = days.month
GROUP BY switch, org
