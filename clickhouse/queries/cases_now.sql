-- A page of cases in their newest step, in an order that does not change between pages. Rows: as in cases_newest.
-- Parameters: those of cases_newest; sort String (opened_at, changed_at, due_at, severity; cases without a due date come
-- last), descending UInt8, limit UInt32 (0: all), offset UInt32.
SELECT *
FROM {{cases_newest}}
ORDER BY
    {sort:String} = 'due_at' AND due_at = toDateTime64(0, 3),
    if({descending:UInt8} = 1, -1, 1) * multiIf(
        {sort:String} = 'changed_at', toUnixTimestamp64Milli(at),
        {sort:String} = 'due_at', toUnixTimestamp64Milli(due_at),
        {sort:String} = 'severity', toInt64(indexOf(['info', 'warning', 'critical'], severity)),
        toUnixTimestamp64Milli(opened_at)),
    opened_at DESC,
    id
LIMIT if({limit:UInt32} = 0, 4294967295, {limit:UInt32}) OFFSET {offset:UInt32}
