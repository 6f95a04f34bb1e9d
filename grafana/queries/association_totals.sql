-- Association, all together. One row: checked, failed UInt64, failed_rate Nullable(Float64), orgs UInt64 (institutions
-- with rows that failed).
-- Parameters: those of indicator_association.
SELECT sum(one.checked) AS checked, sum(one.failed) AS failed, if(checked = 0, NULL, failed / checked) AS failed_rate,
    uniqExactIf(one.org, one.failed > 0) AS orgs
FROM {{indicator_association}} AS one
