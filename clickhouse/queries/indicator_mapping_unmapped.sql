-- Local codes in use that have no standard code now, the most used first. Rows: org, name (of the institution), map,
-- code, local_name (of the map's entry), columns Array(String), rows UInt64.
-- Parameters: maps Array(String) (department, fee, drug, item), both Array(String) (columns that take drug and item
-- codes), items Array(String) (the standard item codes), biz_from, biz_to Date32 (both included); (empty: no filter)
-- table, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too); limit,
-- offset UInt64.
SELECT page.org AS org, known.name AS name, map, code, local_name, columns, rows
FROM
(
    SELECT org, map, code, local_name, columns, rows
    FROM {{mapping_codes}}
    WHERE standard_code = ''
    ORDER BY rows DESC, org, map, code
    LIMIT {limit:UInt64} OFFSET {offset:UInt64}
) AS page
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON page.org = known.org
ORDER BY rows DESC, org, map, code
