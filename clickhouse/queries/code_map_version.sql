-- How often an institution's code maps were changed. One row: version UInt32 (0: never).
-- Parameters: org String.
SELECT max(version) AS version
FROM code_maps
WHERE org = {org:String}
