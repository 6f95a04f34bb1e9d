-- Fee shares: what was charged by fee category, by month, institution and kind of care. Refunds count with their sign.
-- Rows: month UInt32 (202611), org, name, care (outpatient, inpatient), code (standard fee category; empty: unmapped),
-- rows UInt64, amount Decimal(38, 4), care_amount, total_amount Decimal(38, 4) (of the institution and month: this kind
-- of care, both), care_share, total_share Nullable(Float64) (of them; NULL: they are 0).
-- Parameters: biz_from, biz_to Date32 (both included); (empty: no filter) table (TB_MZ_SFMXB, TB_ZY_SFMXB), org, city,
-- county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT
    month,
    sums.org AS org,
    known.name AS name,
    care,
    code,
    rows,
    amount,
    sum(amount) OVER (PARTITION BY month, sums.org, care) AS care_amount,
    sum(amount) OVER (PARTITION BY month, sums.org) AS total_amount,
    if(care_amount = 0, NULL, toFloat64(amount) / toFloat64(care_amount)) AS care_share,
    if(total_amount = 0, NULL, toFloat64(amount) / toFloat64(total_amount)) AS total_share
FROM
(
    SELECT
        toYYYYMM(biz_date) AS month,
        org,
        if(`table` = 'TB_MZ_SFMXB', 'outpatient', 'inpatient') AS care,
        toString(part.code) AS code,
        sum(part.rows) AS rows,
        sum(part.value) AS amount
    FROM day_facts FINAL
    ARRAY JOIN measures AS part
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
        AND `table` IN ('TB_MZ_SFMXB', 'TB_ZY_SFMXB')
        AND ({table:String} = '' OR `table` = {table:String})
        AND org IN {{org_scope}}
        AND part.measure = 'charge'
    GROUP BY month, org, care, code
) AS sums
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON sums.org = known.org
ORDER BY month, org, care DESC, code
