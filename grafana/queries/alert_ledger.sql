-- For an alert rule: messages that the ledger lacks. One row: value Int64.
-- Parameters: those of pipeline_ledger_gaps.
SELECT sum(gaps.missing) AS value
FROM {{pipeline_ledger_gaps}} AS gaps
