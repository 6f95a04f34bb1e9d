-- How many rows changed between two submissions. Rows: change, rows UInt64. Parameters: those of front_page_changes.
SELECT change, count() AS rows
FROM {{front_page_changes}}
GROUP BY change
