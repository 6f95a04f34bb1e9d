-- Judgements that are a warning or critical. Rows: every column of judgements but judged_at.
-- Parameters: biz_from, biz_to Date32 (both included).
SELECT biz_date, toString(org) AS org, toString(`table`) AS `table`, toString(detector) AS detector, subject, numerator,
    denominator, baseline, spread, warning, critical, toString(verdict) AS verdict
FROM judgements FINAL
WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND verdict IN ('warning', 'critical')
