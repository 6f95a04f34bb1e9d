-- When local codes in use or code maps were written last. One row: facts, maps DateTime64.
SELECT (SELECT max(computed_at) FROM day_facts) AS facts, (SELECT max(updated_at) FROM code_maps) AS maps
