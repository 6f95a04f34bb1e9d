"""The alert hub: one consumer of sanjian.alerts per process, and a bounded queue for every websocket client.

No consumer group: every process reads every alert, from the end on. A client that does not keep up is told so and
closed; it never makes the others wait. The hub survives the broker being away, and a memory broker that starts again
at offset 0 while the hub waits at a higher one (such a broker answers with silence, not with an error).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sanjian import metrics
from streams.topics import Topic

log = structlog.get_logger("api.hub")

#: The embedded broker's long poll does not wake up for a new message: this is the longest that an alert waits there.
FETCH_WAIT_MS = 50
#: How often the hub looks whether the broker still counts from where it did.
LOOK_SECONDS = 2.0
#: Alerts that a client may be behind; at one a second a reader has four minutes.
BEHIND = 256
#: First and longest pause between attempts to connect.
BACKOFF_SECONDS = (0.2, 5.0)
#: An answer about offsets that takes longer is no answer.
OFFSETS_SECONDS = 2.0


class Client:
    """One listener. ``org`` empty: all institutions. ``overflowed`` is set when it fell too far behind."""

    def __init__(self, org: str) -> None:
        self.org = org
        self.alerts: asyncio.Queue[str] = asyncio.Queue(BEHIND)
        self.overflowed = asyncio.Event()

    def offer(self, org: str, alert: str) -> None:
        """Queue the alert if it is for this client."""
        if self.overflowed.is_set() or (self.org and self.org != org):
            return
        try:
            self.alerts.put_nowait(alert)
        except asyncio.QueueFull:
            self.overflowed.set()


class AlertHub:
    """``async with hub.running(): with hub.listen(org) as client: await client.alerts.get()``."""

    def __init__(self, bootstrap: list[str], topic: Topic) -> None:
        self._bootstrap = bootstrap
        self._partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        self._clients: set[Client] = set()
        self._next: dict[TopicPartition, int] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self.live = asyncio.Event()  # connected, and every alert from now on is seen

    @contextmanager
    def listen(self, org: str) -> Iterator[Client]:
        """A client from now on; there is no moment between here and the first alert in which one could be lost."""
        client = Client(org)
        self._clients.add(client)
        metrics.ALERT_CLIENTS.inc()
        try:
            yield client
        finally:
            self._clients.discard(client)
            metrics.ALERT_CLIENTS.dec()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Consume in the background while the context is open."""
        task = asyncio.create_task(self._run(), name="alert hub")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def offsets(self, topic: Topic) -> dict[int, tuple[int, int]] | None:
        """(first, next) offset of every partition of ``topic``; None while the broker does not answer."""
        consumer = self._consumer
        if consumer is None:
            return None
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        try:
            async with asyncio.timeout(OFFSETS_SECONDS):
                first, end = await asyncio.gather(
                    consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
                )
        except (KafkaError, TimeoutError, OSError):
            return None
        return {one.partition: (first[one], end[one]) for one in partitions}

    async def _run(self) -> None:
        pause = BACKOFF_SECONDS[0]
        while True:
            try:
                async with self._connected() as consumer:
                    pause = BACKOFF_SECONDS[0]
                    await self._read(consumer)
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("alert_hub_not_connected", error=type(error).__name__, again_in=pause)
            metrics.ALERT_RECONNECTS.inc()
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACKOFF_SECONDS[1])

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, client_id="sanjian-alerts", group_id=None, enable_auto_commit=False,
            auto_offset_reset="latest", fetch_max_wait_ms=FETCH_WAIT_MS, request_timeout_ms=10_000,
        )  # fmt: skip
        try:
            await _started(consumer)
            consumer.assign(self._partitions)
            await self._seek(consumer)
            self._consumer = consumer
            self.live.set()
            yield consumer
        finally:
            self.live.clear()
            self._consumer = None
            with suppress(KafkaError, TimeoutError):
                await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time() + LOOK_SECONDS
        while True:
            records = await consumer.getmany(timeout_ms=500)
            for run in records.values():
                for record in run:
                    self._give(_text(record.key), _text(record.value))
                    self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
            if loop.time() >= look_at:
                await self._look(consumer)
                look_at = loop.time() + LOOK_SECONDS

    async def _look(self, consumer: AIOKafkaConsumer) -> None:
        """Seek again where the broker seems to end before our place; raise when it does not answer."""
        async with asyncio.timeout(OFFSETS_SECONDS):
            ends = await consumer.end_offsets(self._partitions)
        if any(end < self._next[partition] for partition, end in ends.items()):
            await self._seek(consumer)

    async def _seek(self, consumer: AIOKafkaConsumer) -> None:
        """The first time to the end; later to where we were, or to the start of a broker that counts anew."""
        async with asyncio.timeout(OFFSETS_SECONDS):
            ends = await consumer.end_offsets(self._partitions)
            first = await consumer.beginning_offsets(self._partitions)
        for partition, said in ends.items():
            place = self._next.get(partition, said)
            anew = place > said and place > await _end(consumer, partition, first[partition], said)
            if anew:
                log.warning("broker_counts_anew", hint="alerts are read from its new start")
            self._next[partition] = first[partition] if anew else max(place, first[partition])
            consumer.seek(partition, self._next[partition])

    def _give(self, org: str, alert: str) -> None:
        for client in self._clients:
            client.offer(org, alert)


async def _end(consumer: AIOKafkaConsumer, partition: TopicPartition, first: int, said: int) -> int:
    """The offset behind the newest record. The embedded broker says the beginning of its last batch when asked, and
    the truth together with fetched records. The consumer's position is changed."""
    if said <= first:
        return said
    consumer.seek(partition, said - 1)
    await consumer.getmany(partition, timeout_ms=int(OFFSETS_SECONDS * 1000))
    return max(said, consumer.highwater(partition) or 0)


async def _started(consumer: AIOKafkaConsumer) -> None:
    """Start; when cancelled meanwhile, let it come to its end first: aiokafka would leave its connection open."""
    start = asyncio.create_task(consumer.start())
    try:
        await asyncio.shield(start)
    except asyncio.CancelledError:
        await asyncio.wait([start], timeout=OFFSETS_SECONDS)
        raise


def _text(data: bytes | None) -> str:
    return (data or b"").decode(errors="replace")
