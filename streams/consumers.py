"""Closing aiokafka's consumers completely."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop, and close its connections whatever happens on the way.

    When a fetch failed a moment ago aiokafka (0.14) lets the cancellation of its own task out of ``stop`` and leaves
    its connections open; taken for our own cancellation it would silently end the task that reads. A task of its own
    keeps the two apart.
    """
    stop = asyncio.create_task(consumer.stop())
    await asyncio.wait([stop])
    if stop.cancelled() or stop.exception() is not None:
        with suppress(KafkaError, TimeoutError, OSError):
            await consumer._client.close()
