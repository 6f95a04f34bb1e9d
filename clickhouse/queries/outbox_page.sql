-- A page of deliveries in their newest step, the newest notice first. Rows: as in outbox_newest.
-- Parameters: those of outbox_newest; limit, offset UInt32.
SELECT *
FROM {{outbox_newest}}
ORDER BY id DESC
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
