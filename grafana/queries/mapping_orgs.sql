-- Code mapping by institution and map, the lowest rate first. Rows: org, name, map, rows, mapped_rows, codes,
-- mapped_codes UInt64, rows_rate, landed_rate, codes_rate Nullable(Float64).
-- Parameters: those of indicator_mapping.
SELECT toString(org) AS org, name, toString(map) AS map, rows, mapped_rows, rows_rate, landed_rate, codes, mapped_codes,
    codes_rate
FROM {{indicator_mapping}}
ORDER BY rows_rate, rows DESC, org, map
