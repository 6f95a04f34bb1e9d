"""The alert hub: one consumer of sanjian.alerts per process, whose alerts are written to every websocket client.

No consumer group: every process reads every alert. It begins some way before the end, so that clients which come back
find what they missed in the ring. Clients join when the ring is filled (``ready``); from then on each alert is given to
all who listen. Where that cannot go on without a hole (the broker has lost its memory, or the alerts that would be
next), every client is sent away and comes back with its cursor: what it lacks then comes from ClickHouse.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from api.live.clients import Asking, Clients
from api.live.codes import COME_BACK
from api.live.cursor import Cursor
from api.live.messages import is_alert, note_frame
from api.live.ring import Ring
from sanjian import metrics
from sanjian.errors import NotNow
from streams.consumers import close_consumer
from streams.topics import Topic, topic_now

log = structlog.get_logger("api.hub")

#: The embedded broker's long poll does not wake up for a new message: this is the longest that an alert waits there.
FETCH_WAIT_MS = 25
#: How often the hub looks whether the topic is still the same one.
LOOK_SECONDS = 2.0
#: So many alerts of each partition are read back at the start; clients that missed more have ClickHouse.
READ_BACK = 10_000
#: Alerts read at once are one write for each client; of 1.5 KB each these fill a socket's buffers and no more.
READ_AT_ONCE = 100
#: First and longest pause between attempts to connect.
BACKOFF_SECONDS = (0.2, 5.0)
#: An answer about offsets or topics that takes longer is no answer.
OFFSETS_SECONDS = 2.0
#: The same for everything else asked of the broker: one that went away in mid-question is asked again soon.
REQUEST_SECONDS = 3.0


class AlertHub:
    """``async with hub.running(): await hub.ready.wait()``; then ``api.live.resume`` lets clients join."""

    def __init__(self, bootstrap: list[str], topic: Topic, ask: Asking, now: Callable[[], datetime]) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._ask = ask
        self._now = now
        self._consumer: AIOKafkaConsumer | None = None
        self.ring = Ring()
        self.clients = Clients()
        self.live = asyncio.Event()  # connected: alerts are read as they come
        self.ready = asyncio.Event()  # the ring is filled; alerts that come while the broker is away are read later

    def note(self, kind: str, cursor: Cursor | None = None, **more: object) -> bytes:
        """A message about the connection as a frame; ``cursor`` is the newest place unless given."""
        return note_frame(kind, self._now(), self.live.is_set(), cursor or self.ring.cursor, **more)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Consume in the background while the context is open."""
        tasks = [
            asyncio.create_task(self._run(), name="alert hub"),
            asyncio.create_task(self.clients.beat(lambda: self.note("heartbeat"), self._ask), name="heartbeats"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def offsets(self, topic: Topic) -> dict[int, tuple[int, int]] | None:
        """(first, next) offset of every partition of ``topic``; None while the broker does not answer."""
        consumer = self._consumer
        if consumer is None:
            return None
        try:
            first, end = await _bounds(consumer, _partitions(topic))
        except (KafkaError, TimeoutError, OSError):
            return None
        return {one.partition: (first[one], end[one]) for one in first}

    async def _run(self) -> None:
        pause = BACKOFF_SECONDS[0]
        while True:
            try:
                async with self._connected() as consumer:
                    pause = BACKOFF_SECONDS[0]
                    await self._read(consumer)
            except (KafkaError, TimeoutError, OSError, NotNow) as error:
                log.warning("alert_hub_not_connected", error=type(error).__name__, again_in=pause)
            except Exception:  # a bug of ours must not end live alerts for good
                log.exception("alert_hub_bug", again_in=pause)
            metrics.ALERT_RECONNECTS.inc()
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACKOFF_SECONDS[1])

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, client_id="sanjian-alerts", group_id=None, enable_auto_commit=False,
            auto_offset_reset="earliest", fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int(REQUEST_SECONDS * 1000),
        )  # fmt: skip
        try:
            await _started(consumer)
            await self._go_to_place(consumer)
            self._consumer = consumer
            self.live.set()
            yield consumer
        finally:
            self.live.clear()
            self._consumer = None
            await close_consumer(consumer)

    async def _go_to_place(self, consumer: AIOKafkaConsumer) -> None:
        """Where we were; the first time, and where that is not to be had, some way before the end."""
        topic = await self._now_there()
        consumer.assign(_partitions(topic))
        first, end = await _bounds(consumer, _partitions(topic))
        lost = [one for one in first if self.ring.next.get(one.partition, -1) < first[one]]
        if topic.id != self.ring.epoch or lost:
            begin = {one.partition: max(first[one], end[one] - READ_BACK) for one in first}
            if self.ready.is_set():
                log.warning("alert_stream_begins_anew", hint="every client comes back and reads on from ClickHouse")
            self.ready.clear()
            self.ring.begin(topic.id, begin)
            self.clients.cut_all(COME_BACK, "resume")
        for one in first:
            consumer.seek(one, self.ring.next[one.partition])

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        """Until the topic is another one; what a broker says that counts anew is not given as if it went on."""
        loop = asyncio.get_running_loop()
        looked_at, seen = loop.time(), _connections(consumer)
        while True:
            records = await consumer.getmany(timeout_ms=500, max_records=READ_AT_ONCE)
            if loop.time() - looked_at >= LOOK_SECONDS or _connections(consumer) != seen:
                looked_at, seen = loop.time(), _connections(consumer)
                if (await self._now_there()).id != self.ring.epoch:
                    return
            self._give([record for run in records.values() for record in run])
            if not self.ready.is_set() and await self._filled(consumer):
                self.ready.set()
            await asyncio.sleep(0)  # what was written goes out before more is read

    def _give(self, records: list[ConsumerRecord]) -> None:
        entries = []
        for record in records:
            payload = record.value or b""
            if is_alert(payload):
                org = (record.key or b"").decode(errors="replace")
                entries.append(self.ring.add(record.partition, record.offset, org, payload))
            else:
                log.warning("no_alert", partition=record.partition, offset=record.offset)
                self.ring.skip(record.partition, record.offset)
        if entries:
            self.clients.give(entries)

    async def _filled(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether everything is read that is there. What the broker says with fetched records is right; asked for it,
        the embedded one says the beginning of its last batch."""
        first, end = await _bounds(consumer, list(consumer.assignment()))
        return all(self.ring.next[one.partition] >= max(end[one], consumer.highwater(one) or 0) for one in first)

    async def _now_there(self) -> Topic:
        return await asyncio.to_thread(topic_now, self._bootstrap, self._topic.name, OFFSETS_SECONDS)


Bounds = tuple[dict[TopicPartition, int], dict[TopicPartition, int]]


async def _bounds(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> Bounds:
    """First and next offsets."""
    async with asyncio.timeout(OFFSETS_SECONDS):
        first, end = await asyncio.gather(consumer.beginning_offsets(partitions), consumer.end_offsets(partitions))
    return first, end


def _partitions(topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]


def _connections(consumer: AIOKafkaConsumer) -> list[object]:
    """The consumer's connections as they are; it makes new ones in silence, to a broker that may be another one."""
    return list(consumer._client._conns.values())


async def _started(consumer: AIOKafkaConsumer) -> None:
    """Start; when cancelled meanwhile, let it come to its end first: aiokafka would leave its connection open."""
    start = asyncio.create_task(consumer.start())
    try:
        await asyncio.shield(start)
    except asyncio.CancelledError:
        await asyncio.wait([start], timeout=2 * REQUEST_SECONDS)
        raise
