-- What is expected, as it was written last. Rows: every column of expected_days but updated_at.
-- Parameters: biz_from, biz_to Date32 (both included).
SELECT biz_date, toString(org) AS org, toString(`table`) AS `table`, expected, toString(reason) AS reason, due_at,
    grace_until, blind_from, blind_until, incident
FROM expected_days FINAL
WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
