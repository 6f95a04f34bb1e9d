-- How many changes threshold_history has. Rows: one, with changes. Parameters: org, table, name String (empty: no filter).
SELECT count() AS changes
FROM threshold_changes FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({name:String} = '' OR name = {name:String})
