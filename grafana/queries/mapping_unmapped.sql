-- Local codes in use that have no standard code now, the most used first. Rows: org, name, map, code, local_name, rows
-- UInt64.
-- Parameters: those of indicator_mapping_unmapped.
SELECT toString(org) AS org, name, toString(map) AS map, code, local_name, rows
FROM {{indicator_mapping_unmapped}}
ORDER BY rows DESC, org, map, code
