-- A page of what was found in a submission. Rows and parameters: those of front_page_found; limit, offset UInt64.
SELECT *
FROM {{front_page_found}}
ORDER BY file_row, severity, rule_id, column
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
