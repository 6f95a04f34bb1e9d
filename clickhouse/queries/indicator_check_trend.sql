-- Check report over time: what came and what was wrong with it, by day or month, of all institutions together. Rows
-- without a readable business date count on the day of their arrival. Rows: day Date32 (the first of a month), orgs
-- UInt64 (institutions that sent), received, accepted, rejected, flagged, anomalies, unreadable, findings UInt64,
-- rejection_rate, anomaly_rate Nullable(Float64) (NULL: nothing received).
-- Parameters: by String (business, arrival: which day counts), step String (day, month), biz_from, biz_to Date32 (both
-- included); (empty: no filter) table, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test
-- institutions too).
SELECT
    if({step:String} = 'month', toDate32(toStartOfMonth(on_day)), on_day) AS day,
    uniqExactIf(sums.org, sums.org != '') AS orgs,
    sum(n_received) AS received,
    sum(n_accepted) AS accepted,
    sum(n_rejected) AS rejected,
    sum(n_flagged) AS flagged,
    rejected + flagged AS anomalies,
    sum(n_unreadable) AS unreadable,
    sum(n_findings) AS findings,
    if(received = 0, NULL, rejected / received) AS rejection_rate,
    if(received = 0, NULL, anomalies / received) AS anomaly_rate
FROM
(
    SELECT
        if({by:String} = 'arrival' OR biz_date = toDate32(0), arrival_day, biz_date) AS on_day, org,
        ledger_days.received AS n_received, ledger_days.accepted AS n_accepted, ledger_days.rejected AS n_rejected,
        ledger_days.flagged AS n_flagged, ledger_days.unreadable AS n_unreadable, ledger_days.findings AS n_findings
    FROM ledger_days FINAL
    WHERE ({by:String} = 'arrival' OR biz_date = toDate32(0)
            OR biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32})
        AND ({by:String} != 'arrival' AND biz_date != toDate32(0)
            OR arrival_day BETWEEN {biz_from:Date32} AND {biz_to:Date32})
        AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
) AS sums
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON sums.org = known.org
WHERE sums.org IN {{org_scope}}
    OR ({city:String} = '' AND {county:String} = '' AND {type:String} = '' AND {level:Int8} = -1 AND known.org = '')
GROUP BY day
HAVING received > 0
ORDER BY day
