-- Tables with days on which rejected rows of some institutions stand, or stood a moment ago. Rows: table.
-- Parameters: orgs Array(String).
SELECT DISTINCT toString(`table`) AS `table`
FROM day_facts
WHERE standing > 0 AND org IN {orgs:Array(String)}
