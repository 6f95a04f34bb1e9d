"""A worker that is stopped at a bad moment leaves nothing open: warnings of unclosed clients are errors here."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import Any

import pytest

from standard.load import load
from streams.worker import running_worker
from tests.stack.conftest import Stack
from tests.stack.feeds import sample

pytestmark = pytest.mark.stack


async def test_a_start_that_is_cut_off_closes_what_it_had_opened(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context["message"]))
    reached = asyncio.Event()

    async def hangs(*_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("streams.worker.make_pipeline", hangs)

    async def work() -> None:
        async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
            pass

    task = asyncio.create_task(work())
    await reached.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    gc.collect()
    await asyncio.sleep(0)
    assert [one for one in said if "Unclosed" in one or "destroyed" in one] == []
    assert running("aiokafka") == []


def running(module: str) -> list[str]:
    """Tasks of a module that are not done."""
    return [repr(task) for task in asyncio.all_tasks() if module in repr(task.get_coro())]


async def test_a_worker_that_is_stopped_in_a_burst_closes_everything(stack: Stack) -> None:
    said: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context["message"]))
    settings = stack.settings.model_copy(update={"watch_seconds": 0.5, "rollup_seconds": 0.2})
    feed = sample(orgs=4, days=3)
    feed.register(stack.clickhouse)
    async with running_worker(settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics) as worker:
        await asyncio.to_thread(feed.send, stack.bootstrap, stack.settings.changes_topic)
        while not worker.agent.runs:
            await asyncio.sleep(0.01)
        await worker.rest()
    gc.collect()
    await asyncio.sleep(0)
    assert [one for one in said if "Unclosed" in one or "destroyed" in one] == []
    assert running("aiokafka") == []
