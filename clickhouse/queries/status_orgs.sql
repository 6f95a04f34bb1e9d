-- Totals by institution since the beginning and today (by arrival), largest first, test institutions behind all others.
-- The empty institution holds what has no readable sender. Rows: org, name, city, level, test, received, accepted,
-- rejected, flagged, unreadable, findings, received_today, rejected_today, flagged_today UInt64, last_arrival DateTime64.
-- Parameters: org String (empty: all), midnight DateTime64 (when today began), limit UInt32.
SELECT
    totals.*,
    known.name AS name,
    known.city AS city,
    known.level AS level,
    known.test AS test
FROM
(
    SELECT
        org,
        sum(ledger.received) AS received,
        sum(ledger.accepted) AS accepted,
        sum(ledger.rejected) AS rejected,
        sum(ledger.flagged) AS flagged,
        sum(ledger.unreadable) AS unreadable,
        sum(ledger.findings) AS findings,
        sumIf(ledger.received, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS received_today,
        sumIf(ledger.rejected, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS rejected_today,
        sumIf(ledger.flagged, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS flagged_today,
        max(arrived_at) AS last_arrival
    FROM ledger FINAL
    WHERE {org:String} = '' OR org = {org:String}
    GROUP BY org
) AS totals
LEFT JOIN (SELECT org, name, city, level, test FROM orgs FINAL) AS known ON totals.org = known.org
ORDER BY test, received DESC, org
LIMIT {limit:UInt32}
