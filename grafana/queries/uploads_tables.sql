-- Upload calendar of tables: the worst state of each standard table on each business day. Rows, in order of time: time,
-- name (of the table), state Int8 (as uploads_calendar).
-- Parameters: those of day_states and org_scope; states Array(String), numbers Array(Int8), table_codes, table_names
-- Array(String).
SELECT toDateTime(toString(biz_date), 'Asia/Shanghai') AS time,
    transform(toString(`table`), {table_codes:Array(String)}, {table_names:Array(String)}, toString(`table`)) AS name,
    max(transform(state, {states:Array(String)}, {numbers:Array(Int8)}, toInt8(0))) AS state_number
FROM {{day_states}}
WHERE org IN {{org_scope}}
GROUP BY time, name
ORDER BY time, name
