-- Shares of drugs and consumables in what was charged, by month, institution and kind of care. Refunds count with their
-- sign. Rows: month UInt32 (202611), org, name, care (outpatient, inpatient), amount, drugs, consumables, unmapped
-- Decimal(38, 4) (unmapped: charges without a standard fee category; they are in no share), drug_share,
-- consumable_share Nullable(Float64) (of amount; NULL: it is 0).
-- Parameters: biz_from, biz_to Date32 (both included); (empty: no filter) table (TB_MZ_SFMXB, TB_ZY_SFMXB), org, city,
-- county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT
    month,
    sums.org AS org,
    known.name AS name,
    care,
    amount,
    drugs,
    consumables,
    unmapped,
    if(amount = 0, NULL, toFloat64(drugs) / toFloat64(amount)) AS drug_share,
    if(amount = 0, NULL, toFloat64(consumables) / toFloat64(amount)) AS consumable_share
FROM
(
    SELECT
        toYYYYMM(biz_date) AS month,
        org,
        if(`table` = 'TB_MZ_SFMXB', 'outpatient', 'inpatient') AS care,
        sumIf(part.value, part.measure = 'charge') AS amount,
        sumIf(part.value, part.measure = 'drug') AS drugs,
        sumIf(part.value, part.measure = 'consumable') AS consumables,
        sumIf(part.value, part.measure = 'charge' AND part.code = '') AS unmapped
    FROM day_facts FINAL
    ARRAY JOIN measures AS part
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
        AND `table` IN ('TB_MZ_SFMXB', 'TB_ZY_SFMXB')
        AND ({table:String} = '' OR `table` = {table:String})
        AND org IN {{org_scope}}
        AND part.measure IN ('charge', 'drug', 'consumable')
    GROUP BY month, org, care
) AS sums
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON sums.org = known.org
ORDER BY month, org, care DESC
