-- What was charged by kind of care. Rows: name, amount Float64.
-- Parameters: those of indicator_fee_drugs.
SELECT if(one.care = 'outpatient', '门诊', '住院') AS name, toFloat64(sum(one.amount)) AS amount_sum
FROM {{indicator_fee_drugs}} AS one
GROUP BY name
ORDER BY name
