-- Notices to channels in their newest state, of the last day. Rows: state, deliveries UInt64.
-- Parameters: now DateTime64.
SELECT state, count() AS deliveries
FROM
(
    SELECT id, argMax(toString(outbox.state), version) AS state
    FROM outbox
    WHERE outbox.at >= {now:DateTime64(3, 'Asia/Shanghai')} - INTERVAL 1 DAY
    GROUP BY id
)
GROUP BY state
ORDER BY state
