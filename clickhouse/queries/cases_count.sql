-- How many cases cases_now has in all its pages. One row: cases UInt64.
-- Parameters: those of cases_newest.
SELECT count() AS cases
FROM {{cases_newest}}
