-- Who has a version of an institution's code maps. One row: writer (none: nobody has it).
-- Parameters: org String, version UInt32.
SELECT writer
FROM code_map_changes
WHERE org = {org:String} AND version = {version:UInt32}
ORDER BY at, writer
LIMIT 1
