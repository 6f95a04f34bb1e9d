"""To the broker: one aiokafka producer per process, made anew when it broke.

``acks=all``. Idempotence is asked of a Kafka server only: the embedded broker refuses aiokafka's InitProducerId. It is
not what the counts rest on either: the same bytes a second time are a repeat in the ledger.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.codec import has_zstd
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from api.errors import ApiError
from sanjian.errors import NotNow

log = structlog.get_logger("api.producer")

#: A caller waits for the broker; after this it is told to come back (and its retry is a repeat, whatever happened).
SECONDS = 10.0
#: Room for keys, headers and the record batch around the largest message.
OVERHEAD = 64 * 1024
#: The embedded broker keeps what it is sent in memory; gzip is what aiokafka can do without an extra library.
COMPRESSION = "zstd" if has_zstd() else "gzip"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the broker put a message."""

    partition: int
    offset: int


class Producer:
    """``await producer.send(topic, key, value)`` returns the place when the broker has the message."""

    def __init__(self, bootstrap: list[str], *, idempotent: bool, max_bytes: int) -> None:
        self._bootstrap = bootstrap
        self._idempotent = idempotent
        self._max_bytes = max_bytes + OVERHEAD
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def send(self, topic: str, key: bytes, value: bytes) -> Place:
        """Raises NotNow while the broker does not take it, ApiError too_large when it never will."""
        producer = await self._ready()
        try:
            async with asyncio.timeout(SECONDS + 1):
                done = await producer.send_and_wait(topic, value, key=key)
        except MessageSizeTooLargeError:
            raise ApiError("too_large", limit=self._max_bytes) from None
        except (KafkaError, TimeoutError) as error:
            await self._forget(producer)
            raise NotNow(f"the broker did not take a message: {type(error).__name__}") from error
        return Place(done.partition, done.offset)

    async def close(self) -> None:
        """Stop; what was sent and not answered is not waited for longer than a send may take."""
        if self._producer is not None:
            await self._forget(self._producer)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer: Any = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap, client_id="sanjian-api", acks="all",
                    enable_idempotence=self._idempotent, compression_type=COMPRESSION,
                    max_request_size=self._max_bytes, request_timeout_ms=int(SECONDS * 1000),
                )  # fmt: skip
                try:
                    async with asyncio.timeout(SECONDS):
                        await producer.start()
                except (KafkaError, TimeoutError) as error:
                    await producer.stop()
                    raise NotNow(f"the broker does not answer: {type(error).__name__}") from error
                self._producer = producer
            return self._producer

    async def _forget(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
            try:
                async with asyncio.timeout(SECONDS):
                    await producer.stop()
            except (KafkaError, TimeoutError) as error:
                log.warning("producer did not stop", error=type(error).__name__)
