-- A page of the rows that changed between two submissions. Rows: those of front_page_changes. Parameters: those of
-- front_page_changes; change String; limit, offset UInt64.
SELECT *
FROM {{front_page_changes}}
WHERE change = {change:String}
ORDER BY if(row = 0, before_row, row)
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
