-- Deliveries that are to be sent now, the longest waiting first: waiting ones, failed ones whose pause is over, and
-- leased ones whose sender did not finish. Rows: as in outbox_newest.
-- Parameters: those of outbox_newest (state: open); now DateTime64, most UInt32 (of each channel).
SELECT *
FROM {{outbox_newest}}
WHERE not_before <= {now:DateTime64(3, 'Asia/Shanghai')}
ORDER BY not_before, id
LIMIT {most:UInt32} BY channel
