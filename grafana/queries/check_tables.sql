-- Check report by table, the highest anomaly rate first. Rows: table, received, rejected, flagged, standing UInt64,
-- rejection_rate, anomaly_rate Nullable(Float64).
-- Parameters: those of indicator_check_report.
SELECT toString(report.`table`) AS `table`, sum(report.received) AS received, sum(report.rejected) AS rejected,
    sum(report.flagged) AS flagged, sum(report.standing) AS standing,
    if(received = 0, NULL, rejected / received) AS rejection_rate,
    if(received = 0, NULL, (rejected + flagged) / received) AS anomaly_rate
FROM {{indicator_check_report}} AS report
GROUP BY `table`
ORDER BY anomaly_rate DESC, `table`
