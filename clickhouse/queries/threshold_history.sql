-- Changes of thresholds, newest first. Rows: at, org, table, name, before, after (NaN: none was set there, the next less
-- specific one or the default held), changed_by.
-- Parameters: org, table, name String (empty: no filter), limit, offset UInt32.
SELECT updated_at AS at, org, `table`, name, before, if(deleted = 1, nan, value) AS after, changed_by
FROM
(
    SELECT *, lagInFrame(if(deleted = 1, nan, value), 1, nan) OVER (
        PARTITION BY org, `table`, name ORDER BY updated_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM threshold_changes FINAL
)
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({name:String} = '' OR name = {name:String})
ORDER BY at DESC, name, org, `table`
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
