-- How many changes setting_history has. Rows: one, with changes. Parameters: kind, org, table, name String (as there).
SELECT count() AS changes
FROM setting_changes FINAL
WHERE kind = {kind:String}
    AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    AND ({name:String} = '' OR endsWith(key, concat('|', {name:String})))
