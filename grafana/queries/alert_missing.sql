-- For an alert rule: institutions of which a table is missing whose grace ended within the last day. One row: value
-- UInt64.
-- Parameters: those of day_states and org_scope.
SELECT uniqExact(cells.org) AS value
FROM {{day_states}} AS cells
WHERE state = 'missing' AND reason != 'incident' AND cells.org IN {{org_scope}}
    AND grace_until >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 1 DAY
