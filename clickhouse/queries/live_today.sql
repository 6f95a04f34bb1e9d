-- What came today, by arrival and institution; the empty one is senders that cannot be read. Rows: org, received,
-- accepted, rejected, flagged, unreadable UInt64.
-- Parameters: midnight DateTime64 (when today began).
SELECT
    toString(org) AS org,
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable
FROM ledger FINAL
WHERE arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}
    -- what came today was stored today, but for clocks that differ; of this time there is an index
    AND stored_at >= {midnight:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 1 HOUR
GROUP BY org
