-- What was charged by fee category and kind of care, the most first. Rows: care, code, amount Float64, share
-- Nullable(Float64) (of this kind of care), rows UInt64.
-- Parameters: those of indicator_fee_shares.
SELECT care, code, amount, if(whole = 0, NULL, amount / whole) AS share, rows
FROM
(
    SELECT one.care AS care, one.code AS code, toFloat64(sum(one.amount)) AS amount, sum(one.rows) AS rows,
        sum(amount) OVER (PARTITION BY one.care) AS whole
    FROM {{indicator_fee_shares}} AS one
    GROUP BY care, code
)
ORDER BY care DESC, amount DESC, code
