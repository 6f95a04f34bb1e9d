-- Business days of which something to judge has changed, and when it was written last. Rows: what (ledger, expected, store,
-- facts), biz_date, at DateTime64.
-- Parameters: since DateTime64 (written at or after it).
SELECT 'ledger' AS what, biz_date, max(summed_at) AS at FROM ledger_days
WHERE summed_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND biz_date > toDate32(0)
GROUP BY biz_date
UNION ALL
SELECT 'expected' AS what, biz_date, max(updated_at) AS at FROM expected_days
WHERE updated_at >= {since:DateTime64(3, 'Asia/Shanghai')}
GROUP BY biz_date
UNION ALL
SELECT 'store' AS what, biz_date, max(run_at) AS at FROM store_days
WHERE run_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND kind = 'parent' AND biz_date > toDate32(0)
GROUP BY biz_date
UNION ALL
SELECT 'facts' AS what, biz_date, max(computed_at) AS at FROM day_facts
WHERE computed_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND biz_date > toDate32(0)
GROUP BY biz_date
