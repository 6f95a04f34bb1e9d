-- When local codes in use or code maps were written last, and how many entries. One row: facts, maps DateTime64, entries
-- UInt64.
SELECT
    (SELECT max(computed_at) FROM day_facts) AS facts,
    (SELECT max(updated_at) FROM code_maps) AS maps,
    (SELECT count() FROM code_maps) AS entries
