-- Local codes that should have a standard code and have none now (see watch_mapping), with the days of their use.
-- Rows: org, map, code, rows UInt64, first_day, last_day Date32.
-- Parameters: those of mapping_codes.
SELECT used.org AS org, known.map AS map, used.code AS code, sum(used.rows) AS rows, min(used.first_day) AS first_day,
    max(used.last_day) AS last_day
FROM
(
    SELECT
        toString(org) AS org, toString(of_column) AS column, of_code AS code, sum(of_rows) AS rows,
        min(biz_date) AS first_day, max(biz_date) AS last_day
    FROM day_facts FINAL
    ARRAY JOIN codes.column AS of_column, codes.code AS of_code, codes.rows AS of_rows, codes.standard_code AS landed
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND landed = ''
        AND ({org:String} = '' OR org = {org:String})
    GROUP BY org, column, code
) AS used
INNER JOIN
(
    SELECT org, map, code, column
    FROM {{mapping_codes}}
    ARRAY JOIN columns AS column
    WHERE standard_code = ''
) AS known ON used.org = known.org AND used.column = known.column AND used.code = known.code
GROUP BY org, map, code
