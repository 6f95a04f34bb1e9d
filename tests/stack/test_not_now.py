"""Servers that are away, maps that change, ledgers with holes: the worker waits, learns, and can be repaired."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import polars as pl
import pytest
from prometheus_client import CollectorRegistry

from clickhouse.codemaps import CodeMapStore, MapEntry
from sanjian import metrics
from sanjian.errors import NotNow
from standard.load import load
from streams.audit import Auditor
from streams.producer import Producer
from streams.worker import running_worker
from tests.stack.conftest import Stack
from tests.stack.feeds import sample
from tests.stack.test_whole_path import stream, until_landed
from tests.stack.truth import differences

pytestmark = pytest.mark.stack


def sample_value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    """A metric's value; 0 when it was never set."""
    return registry.get_sample_value(name, labels) or 0.0


async def test_while_clickhouse_is_away_nothing_is_done_and_afterwards_everything_is(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = sample(orgs=2, days=1)
    feed.register(stack.clickhouse)
    away = asyncio.Event()
    away.set()
    insert = stack.clickhouse.insert

    def refusing(table: str, frame: pl.DataFrame, token: str = "") -> None:
        if away.is_set() and table == "findings":
            raise NotNow("ClickHouse is away")
        insert(table, frame, token)

    monkeypatch.setattr(stack.clickhouse, "insert", refusing)
    tried = sample_value(metrics.REGISTRY, "sanjian_not_now_total", step="insert findings")
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics) as worker:
        await asyncio.to_thread(feed.send, stack.bootstrap, stack.settings.changes_topic)
        while sample_value(metrics.REGISTRY, "sanjian_not_now_total", step="insert findings") < tried + 3:
            await asyncio.sleep(0.05)
        assert worker.running
        done_meanwhile = stack.clickhouse.rows("SELECT count() AS n FROM ledger WHERE findings > 0")[0]["n"]
        waiting = sample_value(metrics.REGISTRY, "sanjian_waiting", step="insert findings")
        away.clear()
        await until_landed(stack)
    assert (done_meanwhile, waiting) == (0, 1.0)
    assert sample_value(metrics.REGISTRY, "sanjian_waiting", step="insert findings") == 0
    assert differences(stack.clickhouse, feed.manifest) == []


async def test_a_changed_code_map_counts_for_the_next_message_without_a_restart(stack: Stack) -> None:
    feed = sample("clean", orgs=1, days=2)
    org = feed.province.orgs[0].org
    feed.register(stack.clickhouse)
    entries = [entry for entry in feed.province.maps[0].entries() if entry["map"] == "department"]
    gone = [MapEntry(entry["local_code"], entry["local_name"]) for entry in entries]
    back = [MapEntry(entry["local_code"], entry["local_name"], entry["standard_code"]) for entry in entries]
    store = CodeMapStore(stack.clickhouse)
    store.save(org, "department", gone, "test")
    first = [message for message in feed.messages if message.table == "TB_MZ_GHMXB"]
    producer = Producer([stack.bootstrap], idempotent=False, max_bytes=1 << 20)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics) as worker:
        await asyncio.to_thread(feed.send, stack.bootstrap, stack.settings.changes_topic, first[:1])
        await until_landed(stack)
        version = store.save(org, "department", back, "test")
        change = {"org": org, "map": "department", "version": version, "entries": [as_entry(one) for one in back]}
        await producer.send(stack.settings.codemaps_topic, b"x", orjson.dumps(change))
        while worker.pipeline.maps.version(org) < version:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(feed.send, stack.bootstrap, stack.settings.changes_topic, first[1:2])
        await until_landed(stack)
    await producer.close()
    rows = stack.clickhouse.rows(
        "SELECT _map_version AS version, countIf(ksbm_std = '') AS unmapped, count() AS n FROM tb_mz_ghmxb FINAL "
        "GROUP BY version ORDER BY version"
    )
    assert [row["version"] for row in rows] == [version - 1, version]
    assert rows[0]["unmapped"] == rows[0]["n"] > 0
    assert rows[1]["unmapped"] == 0


def as_entry(entry: MapEntry) -> dict[str, Any]:
    """An entry as it travels."""
    return {"local_code": entry.local_code, "local_name": entry.local_name, "standard_code": entry.standard_code}


async def test_an_audit_lists_holes_of_the_ledger_and_the_repair_fills_exactly_them(stack: Stack) -> None:
    feed = sample(orgs=2, days=1)
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics) as worker:
        await stream(stack, feed)
        busiest = stack.clickhouse.rows(
            "SELECT partition, count() AS n FROM ledger GROUP BY partition ORDER BY n DESC LIMIT 1"
        )[0]["partition"]
        stack.clickhouse.command(
            f"ALTER TABLE ledger DELETE WHERE partition = {busiest} AND offset IN (1, 2, 5) SETTINGS mutations_sync = 1"
        )
        auditor = Auditor(
            stack.clickhouse, [stack.bootstrap], stack.changes, worker.pipeline, asyncio.get_running_loop()
        )  # fmt: skip
        holes = {part.partition: part.missing for part in await asyncio.to_thread(auditor.audit) if part.missing}
        broken = differences(stack.clickhouse, feed.manifest)
        after = await asyncio.to_thread(auditor.repair)
        auditor.close()
    assert holes == {busiest: (1, 2, 5)}
    assert broken
    assert not any(part.missing for part in after)
    assert differences(stack.clickhouse, feed.manifest) == []


async def test_a_replay_marked_as_such_lands_and_raises_no_live_alert(stack: Stack) -> None:
    from tests.stack.test_whole_path import all_alerts

    feed = sample(orgs=2, days=1)
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        await asyncio.to_thread(
            feed.send, stack.bootstrap, stack.settings.changes_topic, None, [("sanjian-replay", b"1")]
        )
        await until_landed(stack)
    # what the watch makes of the figures is another matter: cases have no topic_id, and say so in "case"
    asked = "SELECT count() AS n, min(replay) AS replay FROM alerts FINAL WHERE topic_id != ''"
    landed = stack.clickhouse.rows(asked)[0]
    assert landed["n"] > 0
    assert landed["replay"] == 1
    assert [alert for alert in await all_alerts(stack) if "case" not in alert] == []
