"""``sanjian audit``: the ledger compared with the topic, and exactly the missing messages read again.

Calls block; the repair itself runs on the loop of the pipeline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian.errors import NotNow
from streams.offsets import ends
from streams.pipeline import Pipeline
from streams.topics import Topic

log = structlog.get_logger(__name__)

#: Read and land so many missing messages at once.
REPAIR_BATCH = 200
#: A single offset that the broker does not give within this is gone (compaction, retention, transaction marker).
POLL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PartitionAudit:
    """One partition. Offsets from ``first`` to before ``end`` are in the topic; ``missing`` are those below the newest
    one of the ledger that the ledger lacks; ``waiting`` is how many come after the newest one (the lag)."""

    topic_id: str
    partition: int
    first: int
    end: int
    missing: tuple[int, ...]
    waiting: int


class Auditor:
    """Audits one topic. With a pipeline (and the loop it runs on) it can repair."""

    def __init__(
        self, clickhouse: ClickHouse, bootstrap: list[str], topic: Topic,
        pipeline: Pipeline | None = None, loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:  # fmt: skip
        self._clickhouse = clickhouse
        self._bootstrap = bootstrap
        self._topic = topic
        self._pipeline = pipeline
        self._loop = loop

    def audit(self) -> Sequence[PartitionAudit]:
        """Every partition of the topic. Raises NotNow while the broker or ClickHouse is away."""
        return [self._partition(partition, first, end) for partition, (first, end) in self.ranges().items()]

    def ranges(self) -> dict[int, tuple[int, int]]:
        """(first, behind the newest) offset of each partition. Raises NotNow while the broker is away."""
        with self._consumer() as consumer:
            places = [TopicPartition(self._topic.name, number) for number in range(self._topic.partitions)]
            consumer.assign(places)
            firsts, lasts = consumer.beginning_offsets(places), ends(consumer, places)
        return {place.partition: (firsts[place], lasts[place]) for place in places}

    def repair(self) -> Sequence[PartitionAudit]:
        """Read the missing messages again and land them; tells what is still missing afterwards."""
        if self._pipeline is None or self._loop is None:
            raise NotNow("this process has no pipeline to repair with")
        for found in self.audit():
            for start in range(0, len(found.missing), REPAIR_BATCH):
                offsets = found.missing[start : start + REPAIR_BATCH]
                records = self._read(found.partition, offsets)
                if records:
                    done = asyncio.run_coroutine_threadsafe(self._pipeline.work(records), self._loop)
                    done.result()
                log.info("repaired", partition=found.partition, missing=len(offsets), read=len(records))
        return self.audit()

    def _partition(self, partition: int, first: int, end: int) -> PartitionAudit:
        parameters = {"topic_id": self._topic.id, "partition": partition, "from": first, "to": end}
        ranges = self._clickhouse.rows(load_query("ledger_missing"), parameters) if end > first else []
        missing = [offset for found in ranges for offset in range(found["first"], found["last"] + 1)]
        waiting = 0
        if ranges and ranges[-1]["last"] == end - 1:
            waiting = ranges[-1]["last"] - ranges[-1]["first"] + 1
        return PartitionAudit(
            self._topic.id, partition, first, end, tuple(missing[: len(missing) - waiting]), waiting
        )  # fmt: skip

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        consumer = None
        try:
            consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap, client_id="sanjian-audit", enable_auto_commit=False
            )
            yield consumer
        except KafkaError as error:
            raise NotNow(f"Kafka does not answer: {type(error).__name__}") from error
        finally:
            if consumer is not None:
                consumer.close()

    def _read(self, partition: int, offsets: Sequence[int]) -> list[Any]:
        """The records at these offsets, in order; those that the broker no longer has are left out."""
        place = TopicPartition(self._topic.name, partition)
        wanted, records = set(offsets), []
        with self._consumer() as consumer:
            consumer.assign([place])
            position = None
            for offset in offsets:
                if offset not in wanted:
                    continue
                if position != offset:
                    consumer.seek(place, offset)
                fetched = consumer.poll(timeout_ms=int(POLL_SECONDS * 1000)).get(place, [])
                records += [record for record in fetched if record.offset in wanted]
                wanted -= {record.offset for record in fetched} | {offset}
                position = fetched[-1].offset + 1 if fetched else None
        return records
