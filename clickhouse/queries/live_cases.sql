-- Cases that are not over, in their newest step, with what a list of alerts shows. Rows, the one that last came or got
-- worse first: id, org, table, kind, severity, state, zh, en, turned_at, opened_at DateTime64.
-- No parameters.
SELECT
    id, toString(org) AS org, toString(`table`) AS `table`, toString(kind) AS kind, toString(severity) AS severity,
    toString(state) AS state, zh, en, turned_at, opened_at
FROM
(
    SELECT *
    FROM case_steps
    WHERE (id, version) IN
    (
        SELECT id, max(case_steps.version)
        FROM case_steps
        GROUP BY id
        HAVING argMax(state, version) != 'resolved'
        SETTINGS optimize_aggregation_in_order = 1
    )
    ORDER BY id, at, writer
    LIMIT 1 BY id  -- of two writers of one step the earlier one counts
)
ORDER BY turned_at DESC, id
