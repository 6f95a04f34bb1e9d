"""The watch's own log: when it ran, and the outages between its runs. Blocks; raises NotNow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import structlog

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query
from clickhouse.schedule import EVERY, QuietTime, QuietTimeStore
from clickhouse.steps import MOMENT, now_ms
from streams.watch.outages import Outage, find_outage

log = structlog.get_logger(__name__)

_TYPES: dict[str, Any] = {
    "at": MOMENT, "watermark": MOMENT, "lag": pl.UInt64, "firing": pl.UInt32, "took_ms": pl.UInt32,
}  # fmt: skip
#: In the log of changes: by itself.
ITSELF = "sanjian"


class Heartbeat:
    """Every run of the watch, by whichever worker led.

    :param every: how often the watch runs.
    :param outage_minutes: time that people have after an outage to send again.
    """

    def __init__(self, clickhouse: ClickHouse, watcher: str, every: timedelta, outage_minutes: float) -> None:
        self._clickhouse = clickhouse
        self._watcher = watcher
        self._every = every
        self._minutes = outage_minutes
        self._quiet = QuietTimeStore(clickhouse)

    def last(self) -> dict[str, Any] | None:
        """The last run; None when there was none."""
        rows = self._clickhouse.rows(load_query("watch_last"))
        return rows[0] if rows else None

    def outage(self, now: datetime) -> Outage | None:
        """The newest outage whose consequences are not over; one that ends now is written down first."""
        last = self.last()
        found = find_outage(last["at"] if last else None, now, self._every, self._minutes)
        if found is not None:
            log.warning(
                "watch_was_away", since=found.start.isoformat(), minutes=round((now - found.start).seconds / 60)
            )
            start, end = (now_ms(one.astimezone(SHANGHAI)) for one in (found.start, found.end))
            self._quiet.save([QuietTime(found.id, EVERY, EVERY, "outage", start, end, "", ITSELF)], ITSELF)
            return found
        known = [
            Outage(one.starts_at, one.ends_at, one.ends_at + timedelta(minutes=self._minutes))
            for one in self._quiet.all()
            if one.kind == "outage"
        ]
        return max((one for one in known if now < one.until), key=lambda one: one.end, default=None)

    def beat(self, now: datetime, watermark: datetime, lag: int, firing: int, took_ms: int) -> None:
        """The watch ran."""
        row = {
            "at": now, "watcher": self._watcher, "watermark": watermark, "lag": lag, "firing": firing,
            "took_ms": took_ms,
        }  # fmt: skip
        self._clickhouse.insert("watch_log", pl.DataFrame([row], schema_overrides=_TYPES))
