-- Code mapping by map. Rows: name (of the map), rate Nullable(Float64) (of rows).
-- Parameters: those of indicator_mapping; map_codes, map_names Array(String).
SELECT transform(toString(one.map), {map_codes:Array(String)}, {map_names:Array(String)}, toString(one.map)) AS name,
    sum(one.mapped_rows) / nullIf(sum(one.rows), 0) AS rate
FROM {{indicator_mapping}} AS one
GROUP BY name
ORDER BY rate, name
