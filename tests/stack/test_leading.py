"""The leader on the embedded stack: one of the workers leads, another one takes over, and the watch runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from clickhouse.query import load_query
from standard.load import load
from streams.topics import ensure_topics
from streams.worker import Worker, running_worker
from tests.stack.conftest import Stack
from tests.stack.feeds import sample
from tests.stack.test_whole_path import stream

pytestmark = pytest.mark.stack


async def until(what: Callable[[], bool], seconds: float = 300.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.1)


def leads(worker: Worker) -> bool:
    return bool(worker.agent.app.is_leader())


async def test_one_of_two_workers_leads_and_the_other_one_takes_over_when_it_stops(stack: Stack) -> None:
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        workers = [
            await context.enter_async_context(
                running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics)
            )
            for context in (first, second)
        ]
        await until(lambda: sum(map(leads, workers)) == 1)
        contexts = (first, second) if leads(workers[0]) else (second, first)
        other = workers[1] if leads(workers[0]) else workers[0]
        await contexts[0].aclose()
        await until(lambda: leads(other))


async def test_the_watch_runs_in_a_worker_and_sees_that_everything_has_landed(stack: Stack) -> None:
    settings = stack.settings.model_copy(update={"watch_seconds": 1.0, "rollup_seconds": 0.5})
    feed = sample("clean", orgs=2, days=1)
    feed.register(stack.clickhouse)
    async with running_worker(
        settings, stack.clickhouse, load(), [stack.bootstrap], ensure_topics(settings, [stack.bootstrap])
    ):
        await stream(stack, feed)
        sent = await asyncio.to_thread(newest_landing, stack)

        def seen() -> bool:
            rows = stack.clickhouse.rows(load_query("watch_last"))
            return bool(rows) and rows[0]["lag"] == 0 and rows[0]["watermark"] >= sent

        await until(seen)
    summed = stack.clickhouse.rows("SELECT sum(received) AS n FROM ledger_days FINAL")[0]["n"]
    assert summed == feed.manifest.totals()["received"]
    assert stack.clickhouse.rows("SELECT count() AS n FROM expected_days FINAL WHERE expected = 1")[0]["n"] > 0


def newest_landing(stack: Stack) -> object:
    return stack.clickhouse.rows("SELECT max(landed_at) AS at FROM ledger")[0]["at"]
