-- Cases that are not resolved, by kind. Rows: kind, cases UInt64.
SELECT kind, count() AS cases
FROM
(
    SELECT id, argMax(kind, version) AS kind, argMax(state, version) AS state
    FROM case_steps
    GROUP BY id
)
WHERE state != 'resolved'
GROUP BY kind
ORDER BY kind
