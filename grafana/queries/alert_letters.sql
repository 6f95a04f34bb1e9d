-- For an alert rule: dead letters that arrived within the last hour. One row: value UInt64.
-- Parameters: since DateTime64.
SELECT sum(letters) AS value
FROM {{watch_letters_count}}
