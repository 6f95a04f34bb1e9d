-- Business days of which something to judge has changed. Rows: what (ledger, store, facts), biz_date.
-- Parameters: since DateTime64 (written at or after it).
SELECT DISTINCT 'ledger' AS what, biz_date FROM ledger_days
WHERE summed_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND biz_date > toDate32(0)
UNION ALL
SELECT DISTINCT 'ledger' AS what, biz_date FROM expected_days
WHERE updated_at >= {since:DateTime64(3, 'Asia/Shanghai')}
UNION ALL
SELECT DISTINCT 'store' AS what, biz_date FROM store_days
WHERE run_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND kind = 'parent' AND biz_date > toDate32(0)
UNION ALL
SELECT DISTINCT 'facts' AS what, biz_date FROM day_facts
WHERE computed_at >= {since:DateTime64(3, 'Asia/Shanghai')} AND biz_date > toDate32(0)
