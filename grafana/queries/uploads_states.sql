-- How many cells (institution, table, business day) are in which state. One row: complete Nullable(Float64) (of what was
-- due by now: received, late, partial or declared empty; NULL: nothing was), missing, partial, late, unknown UInt64.
-- Parameters: those of day_states and org_scope.
SELECT
    countIf(state IN ('received', 'late', 'partial', 'empty'))
        / nullIf(countIf(state IN ('received', 'late', 'partial', 'empty', 'missing')), 0) AS complete,
    countIf(state = 'missing') AS missing,
    countIf(state = 'partial') AS partial,
    countIf(state = 'late') AS late,
    countIf(state = 'unknown') AS unknown
FROM {{day_states}}
WHERE org IN {{org_scope}}
