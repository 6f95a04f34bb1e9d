-- Upload calendar: the worst state of an institution's tables on each business day. Rows, in order of time: time,
-- name, state Int8 (numbers of the states: see the boards; the worst is the greatest).
-- Parameters: those of day_states and org_scope; states Array(String), numbers Array(Int8) (of equal length).
SELECT toDateTime(toString(biz_date), 'Asia/Shanghai') AS time, if(known.name = '', cells.org, known.name) AS name, worst AS state
FROM
(
    SELECT biz_date, org, max(transform(state, {states:Array(String)}, {numbers:Array(Int8)}, toInt8(0))) AS worst
    FROM {{day_states}}
    WHERE org IN {{org_scope}}
    GROUP BY biz_date, org
) AS cells
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON cells.org = known.org
ORDER BY time, name
