-- Association, all together. One row: failed_rate Nullable(Float64), failed, checked UInt64, orgs UInt64 (institutions with
-- rows that failed).
-- Parameters: those of indicator_association.
SELECT sum(one.failed) / nullIf(sum(one.checked), 0) AS failed_rate, sum(one.failed) AS failed,
    sum(one.checked) AS checked, uniqExactIf(one.org, one.failed > 0) AS orgs
FROM {{indicator_association}} AS one
