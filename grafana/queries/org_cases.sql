-- Cases of the chosen institution that are not over, the gravest first, then the newest. Rows: opened_at DateTime64,
-- kind, severity, state, table, zh, id.
-- Parameters: those of org_scope.
SELECT opened_at, kind, severity, state, `table`, zh, id
FROM {{live_cases}}
WHERE org IN {{org_scope}}
ORDER BY indexOf(['critical', 'warning', 'info'], severity), opened_at DESC, id
