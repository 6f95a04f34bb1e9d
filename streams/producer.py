"""To the broker: one aiokafka producer for each process, made anew when it broke.

``acks=all``. Idempotence is asked of a Kafka server only: the embedded broker refuses aiokafka's InitProducerId. It is
not what the counts rest on either: the same bytes a second time are a repeat in the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from sanjian.errors import Invalid, NotNow

log = structlog.get_logger(__name__)

#: A caller waits for the broker; after this it is told to come back (and its retry is a repeat, whatever happened).
SECONDS = 10.0
#: Room for keys, headers and the record batch around the largest message.
OVERHEAD = 64 * 1024
#: The embedded broker keeps what it is sent in memory. aiokafka's lz4 runs at its slowest level: a batch of 507 KB took
#: 12.8 ms and 101 KB, with zstd 1.2 ms and 12 KB.
COMPRESSION = "zstd"

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the broker put a message."""

    partition: int
    offset: int


class Producer:
    """``await producer.send(topic, key, value)`` returns the place when the broker has the message."""

    def __init__(self, bootstrap: list[str], *, idempotent: bool, max_bytes: int) -> None:
        self._bootstrap = bootstrap
        self._idempotent = idempotent
        self._max_bytes = max_bytes + OVERHEAD
        self._producer: Any = None
        self._closed = False
        self._lock = asyncio.Lock()

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers | None = None) -> Sent:
        """Raises NotNow while the broker does not take it, Invalid (too_large) when it never will."""
        return (await self._sent(topic, [(key, value, headers or [])]))[0]

    async def publish(self, topic: str, messages: Sequence[tuple[str, bytes, Headers]]) -> list[Sent]:
        """Send (key, value, headers) each, and return their places when the broker has them all. Raises like
        :meth:`send`."""
        return await self._sent(topic, [(key.encode(), value, headers) for key, value, headers in messages])

    async def _sent(self, topic: str, messages: Sequence[tuple[bytes, bytes, Headers]]) -> list[Sent]:
        producer = await self._ready()
        try:
            async with asyncio.timeout(SECONDS + 1):
                pending = [
                    await producer.send(topic, value, key=key or None, headers=headers)
                    for key, value, headers in messages
                ]
                done = await asyncio.gather(*pending)
        except MessageSizeTooLargeError:
            raise Invalid("too_large", f"the broker takes at most {self._max_bytes} bytes") from None
        except (KafkaError, TimeoutError) as error:
            await self._forget(producer)
            raise NotNow(f"the broker did not take a message: {type(error).__name__}") from error
        return [Sent(place.partition, place.offset) for place in done]

    async def close(self) -> None:
        """Stop for good; what was sent and not answered is not waited for longer than a send may take.

        Threads and runs that were cut off may still want to send: a client that they opened now nobody would close.
        """
        self._closed = True
        async with self._lock:  # one that is being opened
            pass
        if self._producer is not None:
            await self._forget(self._producer)

    async def _ready(self) -> Any:
        async with self._lock:
            if self._closed:
                raise NotNow("the producer was closed")
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap, client_id="sanjian", acks="all",
                    enable_idempotence=self._idempotent, compression_type=COMPRESSION,
                    max_request_size=self._max_bytes, request_timeout_ms=int(SECONDS * 1000),
                )  # fmt: skip
                try:
                    async with asyncio.timeout(SECONDS):
                        await producer.start()
                except BaseException as error:  # a cancelled start leaves its connections behind, too
                    await producer.stop()
                    if isinstance(error, (KafkaError, TimeoutError)):
                        raise NotNow(f"the broker does not answer: {type(error).__name__}") from error
                    raise
                self._producer = producer
            return self._producer

    async def _forget(self, producer: Any) -> None:
        if self._producer is producer:
            self._producer = None
            try:
                async with asyncio.timeout(SECONDS):
                    await producer.stop()
            except (KafkaError, TimeoutError) as error:
                log.warning("producer_did_not_stop", error=type(error).__name__)
