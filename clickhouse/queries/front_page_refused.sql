-- A row of a submission that was rejected. Rows: row_key, biz_date Date32, batch, raw (JSON: column → text), arrived_at
-- DateTime64, topic_id, partition, offset, row. Parameters: org, submission String; file_row UInt32 (row of the sender's
-- file).
SELECT row_key, biz_date, batch, raw, arrived_at, topic_id, partition, offset, row
FROM rejected_rows FINAL
WHERE org = {org:String} AND `table` = 'TB_BASY' AND startsWith(batch, concat({submission:String}, '/'))
    AND toUInt32OrZero(splitByChar('/', batch)[2]) + row - 1 = {file_row:UInt32}
