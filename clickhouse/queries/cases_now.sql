-- A page of cases in their newest step, the last opened first, in an order that does not change between pages. Rows: as
-- in cases_newest.
-- Parameters: those of cases_newest; limit UInt32 (0: all), offset UInt32.
SELECT *
FROM {{cases_newest}}
ORDER BY opened_at DESC, id
LIMIT if({limit:UInt32} = 0, 4294967295, {limit:UInt32}) OFFSET {offset:UInt32}
