-- Rows with local codes by institution, map and business day, and how many of their codes have a standard code now.
-- Which codes have to be mapped is decided where day_facts is made: fees for beds or registration are not in it.
-- Rows: org, map, biz_date, rows, mapped UInt64.
-- Parameters: days Array(Date32) (between biz_from and biz_to) and those of mapping_codes.
SELECT used.org AS org, known.map AS map, used.biz_date AS biz_date, sum(used.rows) AS rows,
    sumIf(used.rows, known.standard_code != '') AS mapped
FROM
(
    SELECT
        toString(org) AS org, biz_date, toString(of_column) AS column, of_code AS code, sum(of_rows) AS rows
    FROM day_facts FINAL
    ARRAY JOIN codes.column AS of_column, codes.code AS of_code, codes.rows AS of_rows
    WHERE biz_date IN {days:Array(Date32)}
    GROUP BY org, biz_date, column, code
) AS used
INNER JOIN
(
    SELECT org, map, code, standard_code, column
    FROM {{mapping_codes}}
    ARRAY JOIN columns AS column
) AS known ON used.org = known.org AND used.column = known.column AND used.code = known.code
GROUP BY org, map, biz_date
