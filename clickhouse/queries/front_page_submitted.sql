-- Rows of a submission as they were submitted, whatever became of them. A part of other queries. Rows: file_row UInt32,
-- record, admission, name, sex, age, admitted, discharged, department, diagnosis, diagnosis_name, cost String, outcome
-- (accepted, flagged, rejected).
-- Parameters: org, submission String; (empty: no filter) record, outcome String; file_row UInt32 (0: no filter).
SELECT *
FROM
(
    SELECT toUInt32(toUInt32OrZero(splitByChar('/', _batch)[2]) + _row - 1) AS file_row, p3 AS record, p2 AS admission,
        p4 AS name, toString(p5) AS sex, ifNull(toString(p7), '') AS age,
        ifNull(formatDateTime(p22, '%Y-%m-%d %H:%i'), '') AS admitted,
        ifNull(formatDateTime(p25, '%Y-%m-%d %H:%i'), '') AS discharged, toString(p26) AS department,
        p321 AS diagnosis, p322 AS diagnosis_name, ifNull(toString(p782), '') AS cost,
        if(_warnings > 0, 'flagged', 'accepted') AS outcome
    FROM tb_basy FINAL
    WHERE p900 = {org:String} AND _submission = {submission:String}
    UNION ALL
    SELECT toUInt32(toUInt32OrZero(splitByChar('/', batch)[2]) + row - 1) AS file_row,
        JSONExtractString(raw, 'P3') AS record, JSONExtractString(raw, 'P2') AS admission,
        JSONExtractString(raw, 'P4') AS name, JSONExtractString(raw, 'P5') AS sex, JSONExtractString(raw, 'P7') AS age,
        JSONExtractString(raw, 'P22') AS admitted, JSONExtractString(raw, 'P25') AS discharged,
        JSONExtractString(raw, 'P26') AS department, JSONExtractString(raw, 'P321') AS diagnosis,
        JSONExtractString(raw, 'P322') AS diagnosis_name, JSONExtractString(raw, 'P782') AS cost, 'rejected' AS outcome
    FROM rejected_rows FINAL
    WHERE org = {org:String} AND `table` = 'TB_BASY' AND startsWith(batch, concat({submission:String}, '/'))
)
WHERE ({record:String} = '' OR record = {record:String}) AND ({outcome:String} = '' OR outcome = {outcome:String})
    AND ({file_row:UInt32} = 0 OR file_row = {file_row:UInt32})
