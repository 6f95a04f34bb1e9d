-- A page of a submission in the order of the sender's file. Rows and parameters: those of front_page_submitted; limit,
-- offset UInt64.
SELECT *
FROM {{front_page_submitted}}
ORDER BY file_row
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
