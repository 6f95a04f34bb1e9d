-- The oldest place that is kept of a partition of a topic of alerts. Rows: offset UInt64, published_at DateTime64.
-- Parameters: epoch String (id of the topic), partition UInt32.
SELECT offset, published_at
FROM alert_positions
WHERE epoch = {epoch:String} AND partition = {partition:UInt32}
ORDER BY epoch, partition, offset
LIMIT 1
