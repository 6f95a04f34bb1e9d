-- Multi-source check: share of institutions whose sources agree, by quantity. Rows: name, ok_rate Nullable(Float64).
-- Parameters: those of indicator_multi_source; quantity_codes, quantity_names Array(String).
SELECT transform(toString(quantity), {quantity_codes:Array(String)}, {quantity_names:Array(String)},
        toString(quantity)) AS name,
    countIf(verdict = 'ok') / nullIf(count(), 0) AS ok_rate
FROM {{indicator_multi_source}}
GROUP BY name
ORDER BY ok_rate, name
