-- Check report, all together. One row: received, accepted, rejected, flagged, unreadable, standing, findings UInt64,
-- rejection_rate, anomaly_rate Nullable(Float64).
-- Parameters: those of indicator_check_report.
SELECT sum(report.received) AS received, sum(report.accepted) AS accepted, sum(report.rejected) AS rejected,
    sum(report.flagged) AS flagged, sum(report.unreadable) AS unreadable, sum(report.standing) AS standing,
    sum(report.findings) AS findings, if(received = 0, NULL, rejected / received) AS rejection_rate,
    if(received = 0, NULL, (rejected + flagged) / received) AS anomaly_rate
FROM {{indicator_check_report}} AS report
