"""Runs: a Kafka transport for Faust whose events are runs of consecutive records of one partition.

Faust costs about 150 µs a message, whatever the message holds. Here a run of records that was fetched together reaches
the agent as one event and is acknowledged as a whole; when the queue is empty a run is one record and does not wait.

The places of Faust 0.15 that this overrides are private (hence the pin in pyproject.toml): ``_drain_messages`` (fetch
and deliver), ``_new_offset`` (what may be committed: the head of the queue of delivered runs that are acknowledged),
``perform_seek`` (where reading starts: at the first offset that the ledger lacks, not where Kafka says) and
``_create_worker_consumer`` (the broker's longest wait, which Faust fixes at 1.5 s).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import faust
import structlog
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from sanjian.errors import NotNow

log = structlog.get_logger(__name__)

#: The embedded broker answers a long poll only when it is over, so a lone message waits for about half of it; a real
#: broker answers at once and does not mind.
FETCH_WAIT_MS = 50
#: Runs that wait for the agent, prepared, besides the one that it lands: one keeps both cores busy, each costs memory.
RUNS_WAITING = 1

#: First offsets that the topic still holds in, first offsets that are not done out. May raise NotNow.
Starts = Callable[[Mapping[int, int]], Awaitable[Mapping[int, int]]]
#: Begins to work on records that will be delivered soon.
Prepare = Callable[[Sequence[Any]], Coroutine[Any, Any, Any]]


@dataclass(slots=True)
class Run:
    """Consecutive records of one partition, in order, and the preparation that was begun when it was fetched."""

    tp: TP
    records: list[Any]
    prepared: asyncio.Task[Any] | None = None

    @property
    def first(self) -> int:
        """Offset of the first record."""
        return int(self.records[0].offset)

    @property
    def last(self) -> int:
        """Offset of the last record."""
        return int(self.records[-1].offset)


def runs_of(tp: TP, records: Sequence[Any], most: int, most_bytes: int) -> Iterator[Run]:
    """Cut fetched records into runs of at most ``most`` records and, but for a single large one, ``most_bytes``."""
    part: list[Any] = []
    size = 0
    for record in records:
        length = len(record.value or b"")
        if part and (len(part) >= most or size + length > most_bytes):
            yield Run(tp, part)
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield Run(tp, part)


class RunSchema(faust.Schema):
    """Hands a run to the agent as it is."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        return message.key

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        return message.value


class RunThread(driver.AIOKafkaConsumerThread):
    """The consumer's thread, with a short wait at the broker."""

    abstract = False

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class RunConsumer(driver.Consumer):
    """Delivers runs, commits along the queue of delivered runs, starts where the ledger ends."""

    abstract = True
    topic: str
    most: int
    most_bytes: int
    starts: Starts
    prepare: Prepare

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._delivered: dict[TP, deque[Any]] = defaultdict(deque)
        self._late_start: asyncio.Task[None] | None = None
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> RunThread:
        return RunThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Fetch and deliver until the consumer or its fetcher stops."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                generation = self.app.consumer_generation_id
                records, active = await self._wait_next_records(timeout=1.0)
                if records is None or self.should_stop:
                    return
                if not self.flow_active:
                    await self.perform_seek()
                    continue
                for tp, fetched in records.items():
                    if active is None or tp in active or tp in self._buffered_partitions:
                        await self._deliver_all(tp, fetched, generation)
                await self.sleep(0)
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    async def _deliver_all(self, tp: TP, records: list[Any], generation: int) -> None:
        for run in runs_of(tp, records, self.most, self.most_bytes):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            run.prepared = asyncio.create_task(self.prepare(run.records))
            run.prepared.add_done_callback(_looked_at)
            last = run.records[-1]
            message = ConsumerMessage(
                tp.topic, tp.partition, run.first, last.timestamp / 1000.0, last.timestamp_type, (), None, run, None,
                0, 0, tp, generation_id=generation,
            )  # fmt: skip
            self._delivered[tp].append(message)
            await self.wait_first(self.callback(message), self.suspend_flow.wait())

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: delivering waits for the queue anyhow, and with every partition put aside Faust sleeps a second."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing was put aside."""

    def _new_offset(self, tp: TP) -> int | None:
        """The offset after the last run of the acknowledged head of the queue; None when its head is not."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        delivered, committable = self._delivered[tp], None
        while delivered and delivered[0].acked:
            committable = delivered.popleft().value.last + 1
        return committable

    async def perform_seek(self) -> None:
        """Put every partition at the first offset that the ledger lacks.

        While ClickHouse is away reading starts where Kafka says, and is put right as soon as it answers.
        """
        self._delivered.clear()
        await super().perform_seek()
        try:
            await self._start_where_the_ledger_ends()
        except NotNow as error:
            log.warning("ledger_not_readable", reason=str(error))
            self._late_start = asyncio.ensure_future(self._start_late())

    async def _start_late(self) -> None:
        while not self.should_stop:
            await asyncio.sleep(1.0)
            try:
                return await self._start_where_the_ledger_ends()
            except NotNow:
                continue

    async def _start_where_the_ledger_ends(self) -> None:
        mine = [tp for tp in self.assignment() if tp.topic == self.topic]
        if not mine:
            return
        earliest = await self.earliest_offsets(*mine)
        starts = await self.starts({tp.partition: earliest.get(tp, 0) for tp in mine})
        for tp in mine:
            self._delivered.pop(tp, None)
            await self.seek(tp, starts[tp.partition])

    async def on_partitions_revoked(self, revoked: Iterable[TP]) -> None:
        for tp in revoked:
            self._delivered.pop(tp, None)
        await super().on_partitions_revoked(revoked)


def _looked_at(prepared: asyncio.Task[Any]) -> None:
    """A run that a rebalance drops is never asked for what its preparation raised."""
    if not prepared.cancelled():
        prepared.exception()


def run_transport(app: Any, topic: str, most: int, most_bytes: int, starts: Starts, prepare: Prepare) -> Any:
    """A Faust transport whose consumer delivers runs of ``topic``."""
    members = {
        "topic": topic, "most": most, "most_bytes": most_bytes, "starts": staticmethod(starts),
        "prepare": staticmethod(prepare), "abstract": False,
    }  # fmt: skip
    consumer = type("AppRunConsumer", (RunConsumer,), members)
    transport = type("AppRunTransport", (driver.Transport,), {"Consumer": consumer})
    return transport(app.conf.broker_consumer, app)
