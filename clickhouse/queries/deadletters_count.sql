-- How many dead letters there are. One row: total UInt64.
-- Parameters (empty: no filter): table, reason String.
SELECT count() AS total
FROM dead_letters FINAL
WHERE ({table:String} = '' OR `table` = {table:String})
    AND ({reason:String} = '' OR reason = {reason:String})
