"""Front pages on the embedded stack: findings and counts are those of the manifest, and no day of them is missing."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from clickhouse.query import load_query
from simulators.front_faults import with_faults
from simulators.front_pages import TABLE, front_pages
from simulators.manifest import Manifest
from simulators.messages import change_batch
from simulators.province import Province
from standard.load import load
from streams.rollup.cells import Cell
from streams.rollup.facts import Facts
from streams.store_checks.run import StoreChecks
from streams.worker import running_worker
from tests.stack.conftest import Stack
from tests.stack.feeds import Sample
from tests.stack.test_whole_path import stream
from tests.stack.truth import differences

pytestmark = pytest.mark.stack

END = date(2026, 10, 31)
SENT_AT = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)


def month() -> Sample:
    """Ten days of front pages of four institutions, with every kind of fault, a message each."""
    province, manifest = Province(4, 10, END, seed=5), Manifest()
    pages = [with_faults(one, 0.5, 3, manifest) for one in front_pages(province)]
    messages = [
        change_batch(one.org.org, TABLE, f"M{one.month:%Y%m}", SENT_AT, one.rows) for one in pages
    ]  # fmt: skip
    return Sample(province, messages, manifest, int(time.time() * 1000))


async def test_every_count_of_faulty_front_pages_equals_the_manifest(stack: Stack) -> None:
    feed = month()
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        await stream(stack, feed)
    totals = feed.manifest.totals()
    assert min(totals["rejected"], totals["flagged"]) > 5
    assert differences(stack.clickhouse, feed.manifest) == []
    await asyncio.to_thread(_facts_and_store_rules_take_front_pages, stack, feed)
    await asyncio.to_thread(_no_day_of_a_month_is_missing, stack)


def _facts_and_store_rules_take_front_pages(stack: Stack, feed: Sample) -> None:
    cells = [Cell(org, table, date.fromisoformat(day)) for org, table, day in feed.manifest.received]
    now = datetime.now(UTC)
    Facts(stack.clickhouse, load()).compute(cells, now)
    sums = "SELECT sum(rows) AS rows FROM day_facts FINAL WHERE `table` = {t:String}"
    facts = stack.clickhouse.rows(sums, {"t": TABLE})
    assert facts[0]["rows"] == feed.manifest.totals()["accepted"]
    StoreChecks(stack.clickhouse, load()).run(cells, now)
    checked = stack.clickhouse.rows(
        "SELECT rule_id, sum(checked) AS checked, sum(failed) AS failed FROM store_days FINAL "
        "WHERE `table` = {t:String} GROUP BY rule_id", {"t": TABLE},
    )  # fmt: skip
    rules = {"HQ002", "HQ007", "HQ008", "HQ009", "HQ010", "HQ153"}
    assert {row["rule_id"] for row in checked if row["checked"]} == rules
    assert not any(row["failed"] for row in checked)


def _no_day_of_a_month_is_missing(stack: Stack) -> None:
    now = datetime.now(UTC)
    days = {"biz_from": END - timedelta(days=40), "biz_to": END, "now": now, "watermark": now, "org": "", "table": ""}
    states = stack.clickhouse.rows(load_query("day_states"), days)
    assert {row["state"] for row in states} <= {"not_expected"}
    assert TABLE not in {row["table"] for row in states}
    assert stack.clickhouse.rows(load_query("watch_first_days")) == []
