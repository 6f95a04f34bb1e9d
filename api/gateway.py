"""The gateway: one upload becomes one message in his.changes; nothing is acknowledged before the broker has it.

The order of work of :meth:`Gateway.take`:

1. find what is known of this institution, table and batch id
2. other content under the same batch id → 409
3. in the broker already → the same receipt, nothing is produced
4. write the state *taken* with the time of sending, which is part of the bytes
5. produce, and wait for the broker; a repetition after a crash produces identical bytes, which the pipeline counts once
6. write the state *queued* with the place
7. answer with the receipt

A failure in 1, 4 or 5 is answered with 503 and leaves something that a repetition completes. After 5 the broker has the
batch: a failure in 6 does not take the receipt back, and a later repetition produces a repeat.

Two processes that get the same batch id at the same moment may both write *taken*; with X-Sanjian-Sent-At even then the
bytes are the same. Within a process a lock per receipt keeps the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

import structlog
from anyio import to_thread

from api.batch import Batch
from api.errors import ApiError
from api.uploads import Upload, UploadLog, taken
from api.wire import from_ms, to_ms
from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian import metrics
from sanjian.errors import Invalid, NotNow
from streams.producer import Producer, Sent
from streams.topics import Topic

log = structlog.get_logger("api.gateway")


@dataclass(frozen=True, slots=True)
class Taken:
    """The upload as it stands, and whether it was there before."""

    upload: Upload
    repeated: bool


class Gateway:
    """Takes batches. ``topic`` is his.changes as the broker knows it now."""

    def __init__(
        self,
        uploads: UploadLog,
        producer: Producer,
        clickhouse: ClickHouse,
        *,
        topic: Topic,
        max_bytes: int,
        now: Callable[[], datetime],
    ) -> None:
        self._uploads = uploads
        self._producer = producer
        self._clickhouse = clickhouse
        self._topic = topic
        self._max_bytes = max_bytes
        self._now = now
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, batch: Batch, client: str) -> Taken:
        """The numbered work. Raises ApiError batch_conflict or too_large, NotNow when a server is away."""
        lock = self._locks.setdefault(batch.receipt_id, asyncio.Lock())
        async with lock:
            upload = await self._uploads.find(batch.org, batch.receipt_id)
            if upload and upload.content_hash != batch.content_hash:
                raise ApiError("batch_conflict")
            if upload and upload.state == "queued" and await self._kept(upload):
                metrics.UPLOADS.labels("repeated").inc()
                return Taken(upload, repeated=True)
            source_time = upload.source_time if upload else from_ms(to_ms(batch.sent_at or self._now()))
            message = await to_thread.run_sync(batch.message, source_time)
            if len(message) > self._max_bytes:
                raise ApiError("too_large", limit=self._max_bytes)
            if upload is None:
                upload = taken(batch, len(message), source_time, client, self._now())
                await self._uploads.write(upload)
            place = await self._produce(batch.org, message)
            upload = upload.queued(self._topic.id, place.partition, place.offset, self._now())
            try:
                await self._uploads.write(upload)
            except NotNow as error:
                log.warning("queued_not_written_down", receipt_id=upload.receipt_id, reason=str(error))
            metrics.UPLOADS.labels("queued").inc()
            metrics.UPLOAD_ROWS.inc(len(batch.rows))
            metrics.UPLOAD_BYTES.inc(len(message))
            return Taken(upload, repeated=False)

    async def _produce(self, org: str, message: bytes) -> Sent:
        try:
            return await self._producer.send(self._topic.name, org.encode(), message)
        except Invalid:  # the broker's own limit is below ours
            raise ApiError("too_large", limit=self._max_bytes) from None

    async def _kept(self, upload: Upload) -> bool:
        """Whether the message is still in the broker or already landed: a memory broker that ended took with it what
        was not landed, and its topic has another id now."""
        if upload.topic_id == self._topic.id:
            return True
        wanted = {"org": upload.org, "table": upload.table, "batch": upload.batch}
        return bool(await to_thread.run_sync(self._clickhouse.rows, load_query("receipt"), wanted))


class Places:
    """A limited number of uploads at a time, altogether and for each institution: each holds its body in memory."""

    def __init__(self, total: int = 24, each: int = 8) -> None:
        # 24 bodies of 8 MiB, about three times each while they are worked on: 600 MB at the very worst.
        self._total = total
        self._each = each
        self._open: dict[str, int] = {}

    def enter(self, org: str) -> None:
        """Take a place. Raises ApiError busy when there is none."""
        mine = self._open.get(org, 0)
        if mine >= self._each or sum(self._open.values()) >= self._total:
            raise ApiError("busy")
        self._open[org] = mine + 1
        metrics.UPLOADS_OPEN.inc()

    def leave(self, org: str) -> None:
        """Give the place back."""
        left = self._open.pop(org) - 1
        if left:
            self._open[org] = left
        metrics.UPLOADS_OPEN.dec()
