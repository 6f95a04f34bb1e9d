-- Entries of the code maps as they are now. Rows: every column of code_maps, by org, map and local code.
-- Parameters: org, map String (empty: no filter); limit UInt32 (0: all), offset UInt32.
SELECT *
FROM code_maps FINAL
WHERE ({org:String} = '' OR org = {org:String}) AND ({map:String} = '' OR map = {map:String})
ORDER BY org, map, local_code
LIMIT if({limit:UInt32} = 0, 4294967295, {limit:UInt32}) OFFSET {offset:UInt32}
