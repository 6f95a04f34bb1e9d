-- Judgements of some days. Rows: every column of judgements but judged_at.
-- Parameters: days Array(Date32), detectors Array(String).
SELECT biz_date, toString(org) AS org, toString(`table`) AS `table`, toString(detector) AS detector, subject, numerator,
    denominator, baseline, spread, warning, critical, toString(verdict) AS verdict
FROM judgements FINAL
WHERE biz_date IN {days:Array(Date32)} AND detector IN {detectors:Array(String)}
