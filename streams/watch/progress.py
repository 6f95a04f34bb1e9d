"""How far our own ingest is: the watermark, and what the ledger lacks. Blocks; raises NotNow for ClickHouse only."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian.errors import NotNow
from streams.audit import Auditor
from streams.topics import Topic
from streams.watch.calendar import NEVER
from streams.watch.watermark import Watermark

log = structlog.get_logger(__name__)

#: The ledger is compared with the whole topic so often; it reads every offset that the topic still holds.
AUDIT_EVERY = timedelta(minutes=10)


class Progress:
    """Of one topic. ``missing``: messages that the ledger lacks below its newest one; None: nobody has looked yet."""

    def __init__(self, clickhouse: ClickHouse, auditor: Auditor, topic: Topic) -> None:
        self._clickhouse = clickhouse
        self._auditor = auditor
        self._topic = topic
        self._watermark: Watermark | None = None
        self._audited_at: datetime | None = None
        self.missing: int | None = None

    @property
    def watermark(self) -> datetime:
        """What arrived before it has landed."""
        return NEVER if self._watermark is None or self._watermark.value is None else self._watermark.value

    @property
    def lag(self) -> int:
        """Messages that wait."""
        return self._watermark.lag if self._watermark else 0

    def close(self) -> None:
        """Let go of the broker."""
        self._auditor.close()

    def look(self, now: datetime) -> None:
        """Ask the broker and the ledger. While the broker does not answer the watermark stays where it is."""
        if self._watermark is None:
            last = self._clickhouse.rows(load_query("watermark"))[0]["watermark"]
            self._watermark = Watermark(last if last > NEVER else None)
        try:
            ranges = self._auditor.ranges()
            if self._audited_at is None or now - self._audited_at >= AUDIT_EVERY:
                self.missing = sum(len(partition.missing) for partition in self._auditor.audit())
                self._audited_at = now
        except NotNow as error:
            log.warning("watermark_stays", reason=str(error))
            return
        rows = self._clickhouse.rows(load_query("status_partitions"), {"topic_id": self._topic.id})
        self._watermark.look(now, ranges, {row["partition"]: row["last"] for row in rows})
