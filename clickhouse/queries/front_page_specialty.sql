-- Figures of a specialty by month and institution, of the front pages that count and were accepted. Rows: month Date32, org,
-- name, pages, days, deaths, procedures (front pages with one) UInt64, cost, drugs, chinese Decimal(38, 4) (yuan: P782; all
-- medicine; treatment and medicine of Chinese medicine).
-- Parameters: those of org_scope; biz_from, biz_to Date32 (months of discharge, both included); departments, diagnoses,
-- diseases Array(String) (beginnings of codes; all empty: every front page).
SELECT toDate32(toStartOfMonth(_biz_date)) AS month, toString(p900) AS org, known.name AS name, count() AS pages,
    sum(toUInt64(greatest(0, ifNull(p27, 0)))) AS days, countIf(p741 = '5') AS deaths,
    countIf(p490 NOT IN ('', '-')) AS procedures, sum(toDecimal128(ifNull(p782, 0), 4)) AS cost,
    sum(toDecimal128(ifNull(p769, 0) + ifNull(p771, 0) + ifNull(p772, 0), 4)) AS drugs,
    sum(toDecimal128(ifNull(p768, 0) + ifNull(p771, 0) + ifNull(p772, 0), 4)) AS chinese
FROM tb_basy FINAL
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON known.org = tb_basy.p900
WHERE p900 IN {{org_scope}} AND _biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    AND (_submission = '' AND (toString(p900), toDate32(toStartOfMonth(_biz_date))) NOT IN
            (SELECT org, month FROM {{submissions_current}})
        OR _submission IN (SELECT submission FROM {{submissions_current}}))
    AND (empty({departments:Array(String)}) AND empty({diagnoses:Array(String)}) AND empty({diseases:Array(String)})
        OR arrayExists(x -> startsWith(toString(p26), x), {departments:Array(String)})
        OR arrayExists(x -> startsWith(p321, x), {diagnoses:Array(String)})
        OR zb_jbbm != '' AND arrayExists(x -> startsWith(zb_jbbm, x), {diseases:Array(String)}))
GROUP BY month, org, name
ORDER BY month, org
