-- What came today, without test institutions. One row: received, accepted, rejected, flagged UInt64, orgs UInt64
-- (institutions that sent).
-- Parameters: midnight DateTime64 (when today began); those of org_scope.
SELECT sum(today.received) AS received, sum(today.accepted) AS accepted, sum(today.rejected) AS rejected,
    sum(today.flagged) AS flagged, countIf(today.received > 0) AS orgs
FROM {{live_today}} AS today
WHERE today.org IN {{org_scope}}
