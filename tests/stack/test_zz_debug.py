from __future__ import annotations
import pytest
from collections import Counter
from tests.stack.test_indicators import *
pytestmark = pytest.mark.stack

async def test_debug(stack: Stack) -> None:
    feed = sample(orgs=4, days=4)
    await landed(stack, feed)
    ch = stack.clickhouse
    truth = Counter()
    for (org, table, day, rule), n in feed.manifest.store.items(): truth[table, rule] += n
    q = "SELECT table, rule_id, sum(checked) c, sum(failed) f FROM store_days FINAL WHERE kind='parent' AND rule_id LIKE '%03' GROUP BY table, rule_id ORDER BY table"
    for r in ch.rows(q):
        t=r['table'].lower()
        direct = ch.rows(f"SELECT count() n, uniqExact(_biz_date) d FROM {t} FINAL WHERE (yljgdm, brzsy) NOT IN (SELECT yljgdm, brzsy FROM tb_hzxx FINAL)")[0]
        rows = ch.rows(f"SELECT count() n FROM {t} FINAL")[0]['n']
        print(r, 'truth', truth[r['table'], r['rule_id']], 'direct', direct, 'rows', rows)
    print(ch.rows("SELECT count() n, uniqExact(org, table, biz_date) d, max(run_at) FROM store_days"))
    print(ch.rows("SELECT count() n FROM store_done"))
    print(ch.rows("SELECT org, table, biz_date, sum(accepted) a FROM ledger_days FINAL GROUP BY org, table, biz_date HAVING (org, table, biz_date) NOT IN (SELECT org, table, biz_date FROM store_done) LIMIT 20"))
    assert 0
