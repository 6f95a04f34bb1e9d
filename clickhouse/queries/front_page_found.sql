-- What was found in the rows of a submission, on arrival and by other rows when those rules were run last. A part of other
-- queries. Rows: file_row UInt32 (row of the sender's file), row_key, column, value (masked), rule_id, severity, outcome,
-- scope (flight, store).
-- Parameters: org, submission String; (empty: no filter) rule_id, column, severity, record (record number) String;
-- file_row UInt32 (0: no filter).
SELECT file_row, row_key, column, value, rule_id, severity, outcome, scope
FROM
(
    SELECT toUInt32(toUInt32OrZero(splitByChar('/', batch)[2]) + row - 1) AS file_row, row_key,
        toString(column) AS column, value, toString(rule_id) AS rule_id, toString(severity) AS severity,
        toString(outcome) AS outcome, 'flight' AS scope
    FROM findings FINAL
    WHERE org = {org:String} AND `table` = 'TB_BASY' AND startsWith(batch, concat({submission:String}, '/'))
    UNION ALL
    SELECT toUInt32(toUInt32OrZero(splitByChar('/', places.batch)[2]) + found.row - 1) AS file_row, found.row_key,
        found.column, found.value, found.rule_id, found.severity, 'accepted' AS outcome, 'store' AS scope
    FROM
    (
        SELECT biz_date, toString(topic_id) AS topic_id, partition, offset, row, row_key, toString(rule_id) AS rule_id,
            toString(column) AS column, value, toString(severity) AS severity, run_at
        FROM store_findings FINAL
        WHERE org = {org:String} AND `table` = 'TB_BASY'
    ) AS found
    INNER JOIN
    (
        SELECT toString(_topic_id) AS topic_id, _partition AS partition, _offset AS offset, _row AS row, _batch AS batch
        FROM tb_basy FINAL
        WHERE p900 = {org:String} AND _submission = {submission:String}
    ) AS places ON found.topic_id = places.topic_id AND found.partition = places.partition
        AND found.offset = places.offset AND found.row = places.row
    INNER JOIN
    (
        SELECT biz_date, toString(rule_id) AS rule_id, run_at
        FROM store_days FINAL
        WHERE org = {org:String} AND `table` = 'TB_BASY' AND failed > 0
    ) AS days ON found.biz_date = days.biz_date AND found.rule_id = days.rule_id AND found.run_at = days.run_at
)
WHERE ({rule_id:String} = '' OR rule_id = {rule_id:String}) AND ({column:String} = '' OR column = {column:String})
    AND ({severity:String} = '' OR severity = {severity:String})
    AND ({record:String} = '' OR splitByChar('|', row_key)[1] = {record:String})
    AND ({file_row:UInt32} = 0 OR file_row = {file_row:UInt32})
ORDER BY file_row, severity, rule_id, column
