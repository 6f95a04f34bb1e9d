-- Shares of drugs and consumables by institution and kind of care, the highest drug share first. Rows: org, name, care,
-- amount Float64, drug_share, consumable_share, unmapped_share Nullable(Float64).
-- Parameters: those of indicator_fee_drugs.
SELECT toString(one.org) AS org, any(one.name) AS name, one.care AS care, toFloat64(sum(one.amount)) AS amount_sum,
    if(amount_sum = 0, NULL, toFloat64(sum(one.drugs)) / amount_sum) AS drugs_of,
    if(amount_sum = 0, NULL, toFloat64(sum(one.consumables)) / amount_sum) AS consumables_of,
    if(amount_sum = 0, NULL, toFloat64(sum(one.unmapped)) / amount_sum) AS unmapped_of
FROM {{indicator_fee_drugs}} AS one
GROUP BY org, care
ORDER BY drugs_of DESC, org, care
