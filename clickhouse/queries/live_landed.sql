-- What landed lately, by institution, business day, stretch of 10 000 offsets and step of time; without FINAL, because it
-- is a picture and not an account. Rows: org, biz_date Date32, topic_id, partition UInt32, stretch UInt64, step Int64
-- (number of the step since 1970 UTC), received, accepted, rejected UInt64, and of what arrived today received_today,
-- accepted_today, rejected_today, flagged_today, unreadable_today UInt64; slowest_ms Int64 (longest way from arrival to
-- landing; what is older than an hour carries a time of its own: a history that is sent again).
-- Parameters: seconds UInt32 (length of a step), since, midnight DateTime64 (when today began).
SELECT
    toString(org) AS org,
    biz_date,
    toString(topic_id) AS topic_id,
    partition,
    intDiv(offset, 10000) AS stretch,
    intDiv(toUnixTimestamp64Milli(stored_at), 1000 * {seconds:UInt32}) AS step,
    sum(ledger.received) AS received,
    sum(ledger.accepted) AS accepted,
    sum(ledger.rejected) AS rejected,
    sumIf(ledger.received, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS received_today,
    sumIf(ledger.accepted, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS accepted_today,
    sumIf(ledger.rejected, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS rejected_today,
    sumIf(ledger.flagged, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS flagged_today,
    sumIf(ledger.unreadable, arrived_at >= {midnight:DateTime64(3, 'Asia/Shanghai')}) AS unreadable_today,
    maxIf(
        toUnixTimestamp64Milli(landed_at) - toUnixTimestamp64Milli(arrived_at),
        arrived_at >= landed_at - INTERVAL 1 HOUR
    ) AS slowest_ms
FROM ledger
WHERE stored_at >= {since:DateTime64(3, 'Asia/Shanghai')}
GROUP BY org, biz_date, topic_id, partition, stretch, step
