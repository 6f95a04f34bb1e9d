-- What could not be read of one message, by row (row 0: the whole message). Rows: every column of dead_letters, the
-- bytes as bytes_base64 (they need not be text).
-- Parameters: topic_id String, partition UInt32, offset UInt64.
SELECT * EXCEPT (bytes), base64Encode(bytes) AS bytes_base64
FROM dead_letters FINAL
WHERE topic_id = {topic_id:String} AND partition = {partition:UInt32} AND offset = {offset:UInt64}
ORDER BY row
