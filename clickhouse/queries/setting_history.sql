-- Changes of the schedule, of quiet times, declarations or thresholds, newest first. Rows: at, key, org, table, before, after (the
-- entry as JSON; empty: there was none, or it was taken away), changed_by.
-- Parameters: kind String (schedule, quiet_times, declarations, thresholds); org, table, name String (what the key ends
-- with: a threshold, a quantity; empty: no filter), limit, offset UInt32.
SELECT updated_at AS at, key, org, `table`, before, value AS after, changed_by
FROM
(
    SELECT *, lagInFrame(value, 1, '') OVER (
        PARTITION BY key ORDER BY updated_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM setting_changes FINAL
    WHERE kind = {kind:String}
)
WHERE ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    AND ({name:String} = '' OR endsWith(key, concat('|', {name:String})))
ORDER BY at DESC, key
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
