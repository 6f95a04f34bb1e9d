-- When institutions were entered: the time of their first version. Rows: org, entered_at DateTime64.
SELECT org, entered_at
FROM orgs FINAL
