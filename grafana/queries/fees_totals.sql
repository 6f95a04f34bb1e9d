-- Fee shares, all together. One row: total, outpatient, inpatient Float64 (charged), outpatient_share, drug_share,
-- consumable_share Nullable(Float64), unmapped Float64 (charges without a fee category).
-- Parameters: those of indicator_fee_drugs.
SELECT toFloat64(sum(one.amount)) AS total, toFloat64(sumIf(one.amount, one.care = 'outpatient')) AS outpatient,
    toFloat64(sumIf(one.amount, one.care = 'inpatient')) AS inpatient,
    if(total = 0, NULL, outpatient / total) AS outpatient_share,
    if(total = 0, NULL, toFloat64(sum(one.drugs)) / total) AS drug_share,
    if(total = 0, NULL, toFloat64(sum(one.consumables)) / total) AS consumable_share,
    toFloat64(sum(one.unmapped)) AS unmapped
FROM {{indicator_fee_drugs}} AS one
