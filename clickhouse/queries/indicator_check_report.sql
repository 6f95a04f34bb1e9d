-- Check report: what came and what was wrong with it, by month, institution and table. Rows without a readable business
-- date count in the month of their arrival; senders that are not registered count when no region, level or type is
-- asked for. Rows: month UInt32 (202611), org, name, city, table, received, accepted, rejected, flagged, anomalies
-- (rejected + flagged), unreadable, findings UInt64, standing Nullable(UInt64) (rejected rows that were not accepted since; NULL by arrival),
-- rejection_rate, anomaly_rate Nullable(Float64) (rejected, anomalies over received; NULL: nothing received).
-- Parameters: by String (business, arrival: which day counts), biz_from, biz_to Date32 (both included); (empty: no
-- filter) table, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT
    month,
    sums.org AS org,
    known.name AS name,
    known.city AS city,
    `table`,
    received,
    accepted,
    rejected,
    flagged,
    rejected + flagged AS anomalies,
    unreadable,
    findings,
    if({by:String} = 'arrival', NULL, standing) AS standing,
    if(received = 0, NULL, rejected / received) AS rejection_rate,
    if(received = 0, NULL, anomalies / received) AS anomaly_rate
FROM
(
    SELECT
        toYYYYMM(day) AS month,
        org,
        `table`,
        sum(n_received) AS received,
        sum(n_accepted) AS accepted,
        sum(n_rejected) AS rejected,
        sum(n_flagged) AS flagged,
        sum(n_unreadable) AS unreadable,
        sum(n_findings) AS findings,
        sum(n_standing) AS standing
    FROM
    (
        SELECT
            if({by:String} = 'arrival' OR biz_date = toDate32(0), arrival_day, biz_date) AS day, org, `table`,
            ledger_days.received AS n_received, ledger_days.accepted AS n_accepted,
            ledger_days.rejected AS n_rejected, ledger_days.flagged AS n_flagged,
            ledger_days.unreadable AS n_unreadable, ledger_days.findings AS n_findings, toUInt64(0) AS n_standing
        FROM ledger_days FINAL
        WHERE ({by:String} = 'arrival' OR biz_date = toDate32(0)
                OR biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32})
            AND ({by:String} != 'arrival' AND biz_date != toDate32(0)
                OR arrival_day BETWEEN {biz_from:Date32} AND {biz_to:Date32})
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
        UNION ALL
        SELECT biz_date, org, `table`, 0, 0, 0, 0, 0, 0, day_facts.standing
        FROM day_facts FINAL
        WHERE {by:String} != 'arrival' AND biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    )
    GROUP BY month, org, `table`
    HAVING received > 0 OR standing > 0
) AS sums
LEFT JOIN (SELECT org, name, city FROM orgs FINAL) AS known ON sums.org = known.org
WHERE sums.org IN {{org_scope}}
    OR ({city:String} = '' AND {county:String} = '' AND {type:String} = '' AND {level:Int8} = -1 AND known.org = '')
ORDER BY month, org, `table`
