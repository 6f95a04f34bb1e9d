-- Changes of one code map after a version. Rows: every column of code_map_changes, by version and local code.
-- Parameters: org, map String (map empty: all); after UInt32.
SELECT *
FROM code_map_changes FINAL
WHERE org = {org:String} AND ({map:String} = '' OR map = {map:String}) AND version > {after:UInt32}
    -- of two writers of one version the earlier one counts
    AND (version, writer) IN (
        SELECT version, argMin(writer, (at, writer)) FROM code_map_changes WHERE org = {org:String} GROUP BY version
    )
ORDER BY version, map, local_code
