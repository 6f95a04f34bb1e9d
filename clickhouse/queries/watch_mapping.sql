-- Rows with local codes by institution, map and business day, and how many of their codes have a standard code now.
-- A code without one counts where the pipeline found it so: fees for beds or registration have no duty to be mapped, and
-- nothing in unmapped_codes. Rows: org, map, biz_date, rows, mapped UInt64.
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
WHERE known.standard_code != ''
    OR (used.org, used.column, used.code) IN
    (
        SELECT DISTINCT toString(org), toString(column), unmapped_codes.code FROM unmapped_codes
        WHERE unmapped_codes.biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    )
GROUP BY org, map, biz_date
