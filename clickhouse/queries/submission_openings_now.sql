-- Months that are open outside of their window. Rows: org, month Date32, until DateTime64, more UInt8, note, changed_by,
-- updated_at DateTime64. No parameters.
SELECT toString(org) AS org, month, until, more, note, changed_by, updated_at
FROM submission_openings FINAL
WHERE deleted = 0
ORDER BY month DESC, org
