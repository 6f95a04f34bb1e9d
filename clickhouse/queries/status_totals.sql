-- All counts since the beginning and today, by arrival, without test institutions. One row: received, accepted, rejected, flagged, unreadable,
-- findings, repeated UInt64 and the same with _today.
-- Parameters: midnight DateTime64 (when today began).
SELECT
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable,
    sum(ledger.findings) AS findings,
    sum(ledger.repeated) AS repeated,
    sumIf(ledger.received, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS received_today,
    sumIf(ledger.accepted, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS accepted_today,
    sumIf(ledger.rejected, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS rejected_today,
    sumIf(ledger.flagged, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS flagged_today,
    sumIf(ledger.unreadable, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS unreadable_today,
    sumIf(ledger.findings, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS findings_today,
    sumIf(ledger.repeated, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS repeated_today
FROM ledger FINAL
WHERE org NOT IN (SELECT org FROM orgs FINAL WHERE test = 1)
