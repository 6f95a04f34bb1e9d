-- Multi-source check: how many comparisons came out how. One row: ok_rate Nullable(Float64), ok, differs, missing UInt64.
-- Parameters: those of indicator_multi_source.
SELECT countIf(verdict = 'ok') / nullIf(count(), 0) AS ok_rate, countIf(verdict = 'ok') AS ok,
    countIf(verdict = 'differs') AS differs, countIf(verdict = 'missing') AS missing
FROM {{indicator_multi_source}}
