-- How many dead letters there are. One row: total UInt64.
-- Parameters (empty: no filter): org, table, reason String.
SELECT count() AS total
FROM dead_letters FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({reason:String} = '' OR reason = {reason:String})
