"""``sanjian audit``: the ledger compared with the topic, and exactly the missing messages read again.

Calls block; the repair itself runs on the loop of the pipeline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian.errors import NotNow
from streams.pipeline import Pipeline
from streams.reader import TopicReader
from streams.topics import Topic

log = structlog.get_logger(__name__)

#: Read and land so many missing messages at once.
REPAIR_BATCH = 200


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
    """Audits one topic. With a pipeline (and the loop it runs on) it can repair. It keeps its connection: close it."""

    def __init__(
        self, clickhouse: ClickHouse, bootstrap: list[str], topic: Topic,
        pipeline: Pipeline | None = None, loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:  # fmt: skip
        self._clickhouse = clickhouse
        self._topic = topic
        self._reader = TopicReader(bootstrap, topic)
        self._pipeline = pipeline
        self._loop = loop

    def audit(self) -> Sequence[PartitionAudit]:
        """Every partition of the topic. Raises NotNow while the broker or ClickHouse is away."""
        return [self._partition(partition, first, end) for partition, (first, end) in self.ranges().items()]

    def ranges(self) -> dict[int, tuple[int, int]]:
        """(first, behind the newest) offset of each partition. Raises NotNow while the broker is away."""
        return self._reader.ranges()

    def close(self) -> None:
        """End the connection to the broker, now or when the call under way has ended."""
        self._reader.close()

    def repair(self) -> Sequence[PartitionAudit]:
        """Read the missing messages again and land them; tells what is still missing afterwards."""
        if self._pipeline is None or self._loop is None:
            raise NotNow("this process has no pipeline to repair with")
        for found in self.audit():
            for start in range(0, len(found.missing), REPAIR_BATCH):
                offsets = found.missing[start : start + REPAIR_BATCH]
                records = self._reader.read(found.partition, offsets)
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
