-- What is known of the chosen institution. Rows: org, name, city, county, level UInt8, type, inpatient UInt8, last_at
-- DateTime64 (when its last rows landed; 1970-01-01: never).
-- Parameters: those of org_scope.
SELECT known.org AS org, known.name AS name, toString(known.city) AS city, toString(known.county) AS county,
    known.level AS level, toString(known.type) AS type, came.last_at AS last_at
FROM (SELECT org, name, city, county, level, type FROM orgs FINAL WHERE org IN {{org_scope}}) AS known
LEFT JOIN
(
    SELECT org, max(last_arrived_at) AS last_at FROM ledger_days WHERE org IN {{org_scope}} GROUP BY org
) AS came ON known.org = came.org
