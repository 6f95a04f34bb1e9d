-- Association by month. Rows, in order: time, failed_rate Nullable(Float64).
-- Parameters: those of indicator_association.
SELECT toDateTime(concat(toString(intDiv(one.month, 100)), '-', leftPad(toString(one.month % 100), 2, '0'), '-01'),
        'Asia/Shanghai') AS time,
    if(sum(one.checked) = 0, NULL, sum(one.failed) / sum(one.checked)) AS failed_rate
FROM {{indicator_association}} AS one
GROUP BY one.month
ORDER BY time
