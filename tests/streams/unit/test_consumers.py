"""aiokafka's consumers are closed completely, whatever their own stop does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.consumers import close_consumer


class Client:
    closed = 0

    async def close(self) -> None:
        self.closed += 1


class Consumer:
    """What of an AIOKafkaConsumer is used."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self._client = Client()
        self._problem = problem

    async def stop(self) -> None:
        if self._problem is not None:
            raise self._problem
        await self._client.close()


@pytest.mark.parametrize(
    "problem", [asyncio.CancelledError(), KafkaConnectionError(), RuntimeError("a bug of aiokafka")]
)
async def test_connections_are_closed_and_the_caller_goes_on(problem: BaseException) -> None:
    consumer: Any = Consumer(problem)
    await close_consumer(consumer)
    assert consumer._client.closed == 1
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_consumer_that_stops_well_is_closed_once() -> None:
    consumer: Any = Consumer()
    await close_consumer(consumer)
    assert consumer._client.closed == 1


async def test_our_own_cancellation_is_still_one() -> None:
    consumer: Any = Consumer(asyncio.CancelledError())

    async def reading() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await close_consumer(consumer)

    task = asyncio.create_task(reading())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert consumer._client.closed == 1
