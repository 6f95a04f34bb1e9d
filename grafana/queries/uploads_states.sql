-- How many cells (institution, table, business day) are in which state. One row: received, late, partial, missing,
-- unknown, pending, empty UInt64, complete Nullable(Float64) (of what was due: received, late, partial or declared empty).
-- Parameters: those of day_states and org_scope.
SELECT
    countIf(state = 'received') AS received, countIf(state = 'late') AS late, countIf(state = 'partial') AS partial,
    countIf(state = 'missing') AS missing, countIf(state = 'unknown') AS unknown, countIf(state = 'pending') AS pending,
    countIf(state = 'empty') AS empty,
    if(received + late + partial + empty + missing = 0, NULL,
        (received + late + partial + empty) / (received + late + partial + empty + missing)) AS complete
FROM {{day_states}}
WHERE org IN {{org_scope}}
