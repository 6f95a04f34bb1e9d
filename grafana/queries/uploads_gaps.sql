-- Cells (institution, table, business day) that are not as they should be: missing, partial, late, not known. Rows, the
-- worst first, then the newest: org, name, table, biz_date Date32, state, reason, received UInt64, due_at DateTime64.
-- Parameters: those of day_states and org_scope; limit UInt32.
SELECT cells.org AS org, known.name AS name, toString(`table`) AS `table`, toDateTime(toString(biz_date), 'Asia/Shanghai') AS day, state, reason,
    received, due_at
FROM {{day_states}} AS cells
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON cells.org = known.org
WHERE state IN ('missing', 'partial', 'late', 'unknown') AND cells.org IN {{org_scope}}
ORDER BY indexOf(['missing', 'unknown', 'partial', 'late'], state), biz_date DESC, org, `table`
LIMIT {limit:UInt32}
