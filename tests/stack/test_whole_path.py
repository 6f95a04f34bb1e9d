"""The whole path on the embedded stack: what the simulator sends is what ClickHouse has, count by count."""

from __future__ import annotations

import asyncio
from contextlib import closing

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from simulators.messages import Shape
from standard.load import load
from streams.audit import Auditor
from streams.worker import running_worker
from tests.stack.conftest import Stack
from tests.stack.feeds import Sample, sample
from tests.stack.truth import differences

pytestmark = pytest.mark.stack


async def until_landed(stack: Stack, seconds: float = 60.0) -> None:
    """Wait until the ledger has every message of the topic."""
    with closing(Auditor(stack.clickhouse, [stack.bootstrap], stack.changes)) as auditor:
        async with asyncio.timeout(seconds):
            while any(part.waiting or part.missing for part in await asyncio.to_thread(auditor.audit)):
                await asyncio.sleep(0.1)


async def stream(stack: Stack, feed: Sample) -> None:
    """Send the whole feed and wait until it is landed."""
    await asyncio.to_thread(feed.send, stack.bootstrap, stack.settings.changes_topic)
    await until_landed(stack)


@pytest.mark.parametrize("shape", ["batch", "debezium", "debezium-schema"])
async def test_every_count_of_a_faulty_province_equals_the_manifest(stack: Stack, shape: Shape) -> None:
    feed = sample(shape=shape)
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        await stream(stack, feed)
    assert feed.manifest.totals()["rejected"] > 100
    assert differences(stack.clickhouse, feed.manifest) == []


async def test_sending_the_whole_feed_again_changes_no_count(stack: Stack) -> None:
    feed = sample(days=2)
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        await stream(stack, feed)
        first = differences(stack.clickhouse, feed.manifest)
        await stream(stack, feed)
        second = differences(stack.clickhouse, feed.manifest)
    repeated = stack.clickhouse.rows("SELECT uniqExact(partition, offset) AS n FROM ledger WHERE kind = 'repeat'")
    assert (first, second) == ([], [])
    assert repeated[0]["n"] == len(feed.messages)


async def test_each_message_with_rejected_or_unreadable_rows_gives_one_alert(stack: Stack) -> None:
    feed = sample(days=1)
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        await stream(stack, feed)
    published = [alert for alert in await all_alerts(stack) if "case" not in alert]
    landed = stack.clickhouse.rows("SELECT id, kind FROM alerts FINAL WHERE topic_id != ''")
    bad = stack.clickhouse.rows(
        "SELECT uniqExactIf((partition, offset), rejected > 0) AS rejection, "
        "uniqExactIf((partition, offset), unreadable > 0) AS unreadable FROM ledger FINAL"
    )[0]
    assert sorted(alert["id"] for alert in published) == sorted(row["id"] for row in landed)
    assert bad == {kind: sum(row["kind"] == kind for row in landed) for kind in ("rejection", "unreadable")}


async def all_alerts(stack: Stack) -> list[dict[str, object]]:
    """Every alert that was published."""
    consumer = AIOKafkaConsumer(
        stack.settings.alerts_topic, bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found: list[dict[str, object]] = []
        while batch := await consumer.getmany(timeout_ms=1500):
            found += [orjson.loads(record.value) for records in batch.values() for record in records]
        return found
    finally:
        await consumer.stop()


async def test_a_worker_that_is_stopped_and_started_goes_on_where_it_was(stack: Stack) -> None:
    feed = sample(days=2)
    feed.register(stack.clickhouse)
    half = len(feed.messages) // 2
    topic = stack.settings.changes_topic
    for part in (feed.messages[:half], feed.messages[half:]):
        await asyncio.to_thread(feed.send, stack.bootstrap, topic, part)
        async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
            await until_landed(stack)
    assert differences(stack.clickhouse, feed.manifest) == []
