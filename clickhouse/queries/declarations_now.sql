-- Declared figures as they are now. Rows: every column of declarations, by org, month and quantity.
-- Parameters: org String (empty: all); month_from, month_to Date32 (both included).
SELECT *
FROM declarations FINAL
WHERE deleted = 0
    AND ({org:String} = '' OR org = {org:String})
    AND month BETWEEN {month_from:Date32} AND {month_to:Date32}
ORDER BY org, month, quantity
