-- The notice of a delivery as JSON. One row: payload String.
-- Parameters: id String.
SELECT payload
FROM outbox
WHERE id = {id:String} AND version = 1
LIMIT 1
