-- A row of a submission that was accepted. Rows: every column of tb_basy. Parameters: org, submission String; file_row
-- UInt32 (row of the sender's file).
SELECT *
FROM tb_basy FINAL
WHERE p900 = {org:String} AND _submission = {submission:String}
    AND toUInt32OrZero(splitByChar('/', _batch)[2]) + _row - 1 = {file_row:UInt32}
