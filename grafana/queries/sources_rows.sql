-- Multi-source check, what differs most first. Rows: org, name, quantity, charges, settlements, payments, front_pages, records,
-- declared, difference, relative Nullable(Float64), tolerance Float64, verdict.
-- Parameters: those of indicator_multi_source.
SELECT toString(one.org) AS org, one.name AS name, toString(one.quantity) AS quantity,
    toFloat64(one.charges) AS charges, toFloat64(one.settlements) AS settlements, toFloat64(one.payments) AS payments,
    toFloat64(one.front_pages) AS front_pages, toFloat64(one.records) AS records, toFloat64(one.declared) AS declared,
    toFloat64(one.difference) AS difference, one.relative AS relative, one.tolerance AS tolerance, one.verdict AS verdict
FROM {{indicator_multi_source}} AS one
ORDER BY indexOf(['differs', 'missing', 'ok'], verdict), relative DESC, org, quantity
