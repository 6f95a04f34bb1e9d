-- How often an institution's code maps were changed. One row: version UInt32 (0: never), and of that applied UInt32 (in
-- code_maps already). Parameters: org String.
SELECT
    (SELECT max(version) FROM code_maps WHERE org = {org:String}) AS applied,
    greatest(applied, (SELECT max(version) FROM code_map_changes WHERE org = {org:String})) AS version
