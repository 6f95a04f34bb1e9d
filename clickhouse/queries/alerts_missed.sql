-- Alerts of a stretch of the stream of alerts, in its order: what a client that comes back has missed.
-- Rows: offset UInt64, payload String (JSON). Parameters: epoch String (id of the topic), partition UInt32, from_offset
-- and to_offset UInt64 (not included), limit UInt32 (places, not rows).
WITH places AS
(
    SELECT offset, org, raised_at, id
    FROM alert_positions FINAL
    WHERE epoch = {epoch:String} AND partition = {partition:UInt32}
        AND offset >= {from_offset:UInt64} AND offset < {to_offset:UInt64}
    ORDER BY offset
    LIMIT {limit:UInt32}
)
SELECT places.offset AS offset, found.payload AS payload
FROM places
LEFT JOIN
(
    SELECT org, raised_at, id, payload
    FROM alerts FINAL
    WHERE (org, raised_at, id) IN (SELECT org, raised_at, id FROM places)
) AS found ON found.org = places.org AND found.raised_at = places.raised_at AND found.id = places.id
ORDER BY offset
