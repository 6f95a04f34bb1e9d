-- Code mapping rates, by institution and map. Rows: org, name, map, rows UInt64 (rows with a local code), mapped_rows
-- UInt64 (whose code has a standard code now), landed_mapped UInt64 (that had one when they landed), codes, mapped_codes
-- UInt64 (distinct local codes), rows_rate, landed_rate, codes_rate Nullable(Float64) (NULL: no row).
-- Parameters: maps Array(String) (department, fee, drug, item), both Array(String) (columns that take drug and item
-- codes), items Array(String) (the standard item codes), biz_from, biz_to Date32 (both included); (empty: no filter)
-- table, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT
    sums.org AS org,
    known.name AS name,
    map,
    rows,
    mapped_rows,
    landed_mapped,
    codes,
    mapped_codes,
    if(rows = 0, NULL, mapped_rows / rows) AS rows_rate,
    if(rows = 0, NULL, landed_mapped / rows) AS landed_rate,
    if(codes = 0, NULL, mapped_codes / codes) AS codes_rate
FROM
(
    SELECT
        org,
        map,
        sum(used.rows) AS rows,
        sumIf(used.rows, standard_code != '') AS mapped_rows,
        sum(used.landed_mapped) AS landed_mapped,
        count() AS codes,
        countIf(standard_code != '') AS mapped_codes
    FROM {{mapping_codes}} AS used
    GROUP BY org, map
) AS sums
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON sums.org = known.org
ORDER BY org, map
