-- Days whose facts are older than their rows, those that are due first, then the oldest change first. Rows: org, table,
-- biz_date Date32, due UInt8 (0: more is coming just now), oldest DateTime64 (oldest change of all that are pending).
-- Parameters: now DateTime64, since DateTime64 (by ledger_days.changed_at: facts of earlier changes are there),
-- quiet, longest UInt32 (seconds: due when nothing came for so long, or when it has been waiting for so long),
-- tables Array(String) (of the standard), limit UInt32.
SELECT
    days.org AS org,
    days.`table` AS `table`,
    days.biz_date AS biz_date,
    days.newest <= {now:DateTime64(3, 'Asia/Shanghai')} - toIntervalSecond({quiet:UInt32})
        OR greatest(known.computed, days.first_at)
            <= {now:DateTime64(3, 'Asia/Shanghai')} - toIntervalSecond({longest:UInt32}) AS due,
    min(days.newest) OVER () AS oldest
FROM
(
    SELECT
        toString(org) AS org, toString(`table`) AS `table`, biz_date, max(changed_at) AS newest,
        min(first_arrived_at) AS first_at
    FROM ledger_days
    WHERE changed_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND org != '' AND `table` IN {tables:Array(String)}
    GROUP BY org, `table`, biz_date
) AS days
LEFT JOIN
(
    SELECT
        toString(org) AS org, toString(`table`) AS `table`, biz_date, max(day_facts.up_to) AS reflected,
        max(day_facts.computed_at) AS computed
    FROM day_facts
    WHERE (biz_date, org, `table`) IN
    (
        SELECT biz_date, org, `table`
        FROM ledger_days
        WHERE changed_at >= {since:DateTime64(3, 'Asia/Shanghai')}
    )
    GROUP BY org, `table`, biz_date
) AS known ON days.org = known.org AND days.`table` = known.`table` AND days.biz_date = known.biz_date
WHERE days.newest > known.reflected
ORDER BY due DESC, days.newest, org, `table`, biz_date
LIMIT {limit:UInt32}
