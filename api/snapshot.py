"""Where everything stands, for the status endpoint, the monitor and the metrics: asked once for all who look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from anyio import to_thread

from api.hub import AlertHub
from api.ports import Ports
from api.wire import SHANGHAI
from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian import metrics
from sanjian.errors import NotNow
from streams.topics import Topic

T = TypeVar("T")
log = structlog.get_logger("api.snapshot")

#: Who looks wants to see it as it is now; within this time it is the same now.
FRESH_SECONDS = 0.7
#: The queries may take a tenth of the time at most: when they get slow, they are asked less often.
SHARE = 10
COUNTS = ("received", "accepted", "rejected", "flagged", "unreadable", "findings", "repeated", "alerts")


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of his.changes; None: nothing there yet, or the broker does not answer."""

    partition: int
    newest_offset: int | None  # of the last message in the broker
    ledger_offset: int | None  # of the last message landed
    lag: int | None  # messages that are not landed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pipeline is, and whether both servers answer."""

    partitions: tuple[Partition, ...]
    broker_answers: bool
    clickhouse_answers: bool

    @property
    def lag(self) -> int | None:
        """Messages not landed yet in all partitions; None when one is not known."""
        lags = [one.lag for one in self.partitions]
        return None if None in lags else sum(one or 0 for one in lags)


@dataclass(frozen=True, slots=True)
class Standing:
    """The snapshot. ``total`` and ``today`` hold COUNTS."""

    at: datetime
    total: Mapping[str, int]
    today: Mapping[str, int]
    progress: Progress


class Shared(Generic[T]):
    """The last answer of ``ask`` while it is fresh; at most one question is under way. ``ask`` also tells how many
    seconds its queries took."""

    def __init__(self, ask: Callable[[], Awaitable[tuple[T, float]]]) -> None:
        self._ask = ask
        self._answer: T | None = None
        self._good_until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """The answer; raises what ``ask`` raises."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            if self._answer is None or loop.time() >= self._good_until:
                self._answer, took = await self._ask()
                self._good_until = loop.time() + max(FRESH_SECONDS, took * SHARE)
            return self._answer


class Snapshot:
    """``await snapshot.standing()``, ``progress()``, ``orgs()``; the first two do not raise while a server is away."""

    def __init__(
        self, clickhouse: ClickHouse, hub: AlertHub, changes: Topic, ports: Ports, now: Callable[[], datetime]
    ) -> None:
        self._clickhouse = clickhouse
        self._hub = hub
        self._changes = changes
        self._ports = ports
        self._now = now
        self._last_total: Mapping[str, int] = dict.fromkeys(COUNTS, 0)
        self._progress = Shared(self._ask_progress)
        self._standing = Shared(self._ask)
        self._orgs = Shared(self._ask_orgs)

    async def standing(self) -> Standing:
        """At most about a second old. While ClickHouse is away: the last totals, and clickhouse_answers False."""
        return await self._standing.get()

    async def progress(self) -> Progress:
        """The same without totals, which cost more the larger the ledger is."""
        return await self._progress.get()

    async def orgs(self) -> list[dict[str, Any]]:
        """Every institution's totals (query status_orgs); raises NotNow while ClickHouse is away."""
        return await self._orgs.get()

    def midnight(self) -> datetime:
        """When today began in Shanghai."""
        return self._now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)

    async def _ask(self) -> tuple[Standing, float]:
        ((counts, answers), took), progress = await asyncio.gather(
            to_thread.run_sync(_timed, self._read_totals), self.progress()
        )
        if not answers:
            progress = replace(progress, clickhouse_answers=False)
        total = {name: counts[name] for name in COUNTS}
        today = {name: counts[f"{name}_today"] for name in COUNTS}
        return Standing(self._now(), total, today, progress), took

    async def _ask_progress(self) -> tuple[Progress, float]:
        (landed, took), offsets = await asyncio.gather(
            to_thread.run_sync(_timed, self._read_landed), self._hub.offsets(self._changes)
        )
        seen = self._ports.newest() if self._ports.newest is not None else {}
        partitions = tuple(
            _partition(
                number, _further((offsets or {}).get(number), seen.get(number)), (landed or {}).get(number),
                known=landed is not None,
            )
            for number in range(self._changes.partitions)
        )  # fmt: skip
        for one in partitions:
            if one.lag is not None:
                metrics.LAG.labels(str(one.partition)).set(one.lag)
        return Progress(partitions, offsets is not None, landed is not None), took

    def _read_landed(self) -> dict[int, int] | None:
        try:
            rows = self._clickhouse.rows(load_query("status_partitions"), {"topic_id": self._changes.id})
        except NotNow as error:
            log.warning("clickhouse_does_not_answer", reason=str(error))
            return None
        return {row["partition"]: row["last"] for row in rows}

    def _read_totals(self) -> tuple[dict[str, int], bool]:
        midnight = {"midnight": self.midnight()}
        try:
            counts = self._clickhouse.rows(load_query("status_totals"), midnight)[0]
            counts |= self._clickhouse.rows(load_query("status_alerts"), midnight)[0]
        except NotNow as error:
            log.warning("clickhouse_does_not_answer", reason=str(error))
            names = (name for count in COUNTS for name in (count, f"{count}_today"))
            return {name: self._last_total.get(name, 0) for name in names}, False
        self._last_total = {name: int(value) for name, value in counts.items()}
        return dict(self._last_total), True

    async def _ask_orgs(self) -> tuple[list[dict[str, Any]], float]:
        wanted = {"org": "", "midnight": self.midnight(), "limit": 1000}
        return await to_thread.run_sync(_timed, self._clickhouse.rows, load_query("status_orgs"), wanted)


def _timed(work: Callable[..., T], *given: Any) -> tuple[T, float]:
    begun = time.perf_counter()
    return work(*given), time.perf_counter() - begun


def _further(range_: tuple[int, int] | None, seen: int | None) -> tuple[int, int] | None:
    """The embedded broker tells the beginning of its last batch for its end; the worker knows better."""
    return range_ if range_ is None or seen is None else (range_[0], max(range_[1], seen))


def _partition(number: int, range_: tuple[int, int] | None, landed: int | None, *, known: bool) -> Partition:
    if range_ is None:
        return Partition(number, None, landed, None)
    first, end = range_
    lag = max(0, end - max(first, -1 if landed is None else landed + 1, 0)) if known else None
    return Partition(number, end - 1 if end else None, landed, lag)
