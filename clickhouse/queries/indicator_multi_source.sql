-- Multi-source check: the same quantity from several sources side by side, by month and institution. Rows: month UInt32
-- (202611), org, name, quantity (outpatient_amount, …; see clickhouse/declarations.py), charges, settlements, payments,
-- front_pages (by month of discharge), records, declared Nullable(Decimal(38, 4)) (NULL: the source has nothing), difference Nullable(Decimal(38, 4))
-- (greatest - least), relative Nullable(Float64) (of the source with the greatest absolute value), tolerance Float64,
-- verdict (ok, differs, missing: a source that should be there is not, or there is only one).
-- Parameters: tolerance Float64 (where nobody set the threshold multi_source_tolerance), biz_from, biz_to Date32 (both
-- included; whole months, because declarations are monthly); (empty: no filter) org, city, county, type String; level
-- Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT
    month,
    sums.org AS org,
    known.name AS name,
    quantity,
    if(has(sources, 'charges'), n_charges, NULL) AS charges,
    if(has(sources, 'settlements'), n_settlements, NULL) AS settlements,
    if(has(sources, 'payments'), n_payments, NULL) AS payments,
    if(has(sources, 'front_pages'), n_front_pages, NULL) AS front_pages,
    if(has(sources, 'records'), n_records, NULL) AS records,
    if(has(sources, 'declared'), n_declared, NULL) AS declared,
    if(length(sources) < 2, NULL, arrayMax(figures) - arrayMin(figures)) AS difference,
    multiIf(
        length(sources) < 2, NULL,
        difference = 0, 0,
        toFloat64(difference) / toFloat64(arrayMax(arrayMap(x -> abs(x), figures)))
    ) AS relative,
    multiIf(own.org != '', own.value, every.org != '', every.value, {tolerance:Float64}) AS tolerance,
    multiIf(
        length(sources) < 2
            OR quantity IN ('outpatient_amount', 'inpatient_amount')
                AND NOT hasAll(sources, ['charges', 'settlements', 'payments']), 'missing',
        relative > tolerance, 'differs',
        'ok'
    ) AS verdict
FROM
(
    SELECT
        month,
        org,
        quantity,
        groupUniqArray(source) AS sources,
        sumIf(value, source = 'charges') AS n_charges,
        sumIf(value, source = 'settlements') AS n_settlements,
        sumIf(value, source = 'payments') AS n_payments,
        sumIf(value, source = 'front_pages') AS n_front_pages,
        sumIf(value, source = 'records') AS n_records,
        sumIf(value, source = 'declared') AS n_declared,
        arrayMap(
            x -> multiIf(x = 'charges', n_charges, x = 'settlements', n_settlements, x = 'payments', n_payments,
                x = 'front_pages', n_front_pages, x = 'records', n_records, n_declared), sources) AS figures
    FROM
    (
        SELECT
            toYYYYMM(biz_date) AS month,
            toString(org) AS org,
            multiIf(
                part.measure = 'visit', 'outpatient_visits',
                part.measure = 'admission', 'inpatient_admissions',
                concat(if(startsWith(`table`, 'TB_MZ_'), 'outpatient_', 'inpatient_'),
                    multiIf(part.measure IN ('drug', 'front_page_drug'), 'drugs',
                        part.measure IN ('consumable', 'front_page_consumable'), 'consumables', 'amount'))
            ) AS quantity,
            multiIf(part.measure = 'settlement', 'settlements', part.measure = 'payment', 'payments',
                startsWith(part.measure, 'front_page'), 'front_pages', part.measure IN ('visit', 'admission'), 'records',
                'charges') AS source,
            if(part.measure IN ('visit', 'admission'), toDecimal128(part.rows, 4), toDecimal128(part.value, 4)) AS value
        FROM day_facts FINAL
        ARRAY JOIN measures AS part
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            AND org IN {{org_scope}}
            AND part.measure IN ('charge', 'settlement', 'payment', 'visit', 'admission', 'drug', 'consumable',
                'front_page', 'front_page_drug', 'front_page_consumable')
        UNION ALL
        SELECT toYYYYMM(month), toString(org), toString(declarations.quantity), 'declared', toDecimal128(value, 4)
        FROM declarations FINAL
        WHERE deleted = 0 AND month BETWEEN toStartOfMonth({biz_from:Date32}) AND {biz_to:Date32}
            AND org IN {{org_scope}}
    )
    GROUP BY month, org, quantity
) AS sums
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON sums.org = known.org
LEFT JOIN
(
    SELECT org, value FROM thresholds FINAL WHERE deleted = 0 AND name = 'multi_source_tolerance' AND `table` = '*'
) AS own ON sums.org = own.org
LEFT JOIN
(
    SELECT org, value, 1 AS one FROM thresholds FINAL
    WHERE deleted = 0 AND name = 'multi_source_tolerance' AND `table` = '*' AND org = '*'
) AS every ON every.one = 1
ORDER BY month, org, quantity
