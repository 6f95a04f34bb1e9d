-- Upload calendar: the state of every institution, table and day. By business day as the watch sees it (day_states), by
-- arrival day what came on it (state received or empty; a day without anything is not there).
-- Rows, by institution and table: org, name, city, table, days Array(Tuple(day Date32, state, reason, received, accepted,
-- rejected, flagged, unreadable UInt64, first_arrived_at, last_arrived_at, due_at DateTime64 (1970-01-01: none))) by day.
-- Parameters: by String (business, arrival), biz_from, biz_to Date32 (both included), now, watermark DateTime64 (what
-- arrived before it has landed); (empty: no filter) table, org, city, county, type String; level Int8 (-1: no filter),
-- test UInt8 (1: test institutions too).
SELECT
    cells.org AS org,
    known.name AS name,
    known.city AS city,
    `table`,
    days
FROM
(
    SELECT
        org,
        `table`,
        arraySort(cell -> tupleElement(cell, 1), groupArray(cell)) AS days
    FROM
    (
        SELECT
            org, `table`,
            tuple(biz_date, state, reason, received, accepted, rejected, flagged, unreadable, first_arrived_at,
                last_arrived_at, due_at) AS cell
        FROM {{day_states}}
        WHERE {by:String} != 'arrival'
        UNION ALL
        SELECT
            org, `table`,
            tuple(arrival_day, if(sum(ledger_days.received) > 0, 'received', 'empty'), '', sum(ledger_days.received),
                sum(ledger_days.accepted), sum(ledger_days.rejected), sum(ledger_days.flagged),
                sum(ledger_days.unreadable), min(ledger_days.first_arrived_at), max(ledger_days.last_arrived_at),
                toDateTime64(0, 3, 'Asia/Shanghai')) AS cell
        FROM ledger_days FINAL
        WHERE {by:String} = 'arrival' AND messages > 0 AND arrival_day BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            AND `table` NOT IN {{monthly_tables}}
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
        GROUP BY org, `table`, arrival_day
        HAVING sum(ledger_days.received) > 0 OR max(ledger_days.declared_empty) = 1
    )
    GROUP BY org, `table`
) AS cells
LEFT JOIN (SELECT org, name, city FROM orgs FINAL) AS known ON cells.org = known.org
WHERE cells.org IN {{org_scope}}
    OR ({city:String} = '' AND {county:String} = '' AND {type:String} = '' AND {level:Int8} = -1 AND known.org = '')
ORDER BY org, `table`
