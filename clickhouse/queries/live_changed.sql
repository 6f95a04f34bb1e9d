-- Whether tables were written to: a mark that is another one after every insert (and after a merge, which changes nothing
-- that counts). Read from the engine's list of parts, so it costs the same however many rows there are.
-- Rows: table, mark UInt64. A table without rows is not there.
-- Parameters: tables Array(String).
SELECT toString(`table`) AS `table`, sum(cityHash64(name)) AS mark
FROM system.parts
WHERE database = currentDatabase() AND active AND `table` IN {tables:Array(String)}
GROUP BY `table`
