-- Shares of drugs and consumables by month. Rows, in order: time, outpatient_drugs, inpatient_drugs, consumables
-- Nullable(Float64).
-- Parameters: those of indicator_fee_drugs.
SELECT toDateTime(concat(toString(intDiv(one.month, 100)), '-', leftPad(toString(one.month % 100), 2, '0'), '-01'),
        'Asia/Shanghai') AS time,
    toFloat64(sumIf(one.drugs, one.care = 'outpatient'))
        / nullIf(toFloat64(sumIf(one.amount, one.care = 'outpatient')), 0) AS outpatient_drugs,
    toFloat64(sumIf(one.drugs, one.care = 'inpatient'))
        / nullIf(toFloat64(sumIf(one.amount, one.care = 'inpatient')), 0) AS inpatient_drugs,
    toFloat64(sum(one.consumables)) / nullIf(toFloat64(sum(one.amount)), 0) AS consumable_rate
FROM {{indicator_fee_drugs}} AS one
GROUP BY one.month
ORDER BY time
