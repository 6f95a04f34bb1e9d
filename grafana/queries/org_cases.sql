-- Cases of the chosen institution that are not over, the gravest first, then the newest. Rows: id, kind, severity, state,
-- table, zh, opened_at DateTime64.
-- Parameters: those of org_scope.
SELECT id, kind, severity, state, `table`, zh, opened_at
FROM {{live_cases}}
WHERE org IN {{org_scope}}
ORDER BY indexOf(['critical', 'warning', 'info'], severity), opened_at DESC, id
