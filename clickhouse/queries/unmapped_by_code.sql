-- Local codes without a standard code, the most frequent first. Rows: org, map, code, name, tables Array(String),
-- columns Array(String), rows UInt64, example_key, first_date, last_date Date32, arrived_at DateTime64 (latest).
-- Parameters (empty, or 1970-01-01 for dates: no filter): org, map String, biz_from, biz_to Date32 (both included);
-- limit, offset UInt32.
SELECT
    org,
    map,
    code,
    argMax(unmapped_codes.name, unmapped_codes.arrived_at) AS name,
    arraySort(groupUniqArray(`table`)) AS tables,
    arraySort(groupUniqArray(column)) AS columns,
    sum(unmapped_codes.rows) AS rows,
    argMax(unmapped_codes.example_key, unmapped_codes.arrived_at) AS example_key,
    min(biz_date) AS first_date,
    max(biz_date) AS last_date,
    max(unmapped_codes.arrived_at) AS arrived_at
FROM unmapped_codes FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({map:String} = '' OR map = {map:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
GROUP BY org, map, code
ORDER BY rows DESC, org, map, code
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
