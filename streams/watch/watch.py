"""One run of the watch: where we are ourselves, what is owed, what came, what is wrong, and what becomes of it.

The order of work:

1. the thresholds of now · 2. were we away? · 3. how far is our ingest (watermark)? · 4. sum up what has landed
5. who owes what · 6. judge the days whose figures changed · 7. the detectors · 8. the cases · 9. the heartbeat

Each part stands alone: a bug in one is noted and shows as a case, what depends on it stays as it is, the rest goes on.
Everything is worked out from what is stored, so a run after an outage finds what was due meanwhile, and a second leader
finds the same. *Not now* (ClickHouse is away) ends the run; the next one does it all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog

from sanjian import metrics
from sanjian.errors import NotNow
from streams.cases.case import Case
from streams.watch.bugs import Bugs
from streams.watch.conditions import KINDS, Condition
from streams.watch.detectors import (
    anomaly_rate,
    association,
    gap,
    late,
    mapping,
    pipeline,
    rejection,
    schema_drift,
    unreadable,
    volume,
)  # fmt: skip
from streams.watch.expectations import Expectations, watched
from streams.watch.found import Found, Names
from streams.watch.heartbeat import Heartbeat
from streams.watch.judge import Judge
from streams.watch.look import MOST_OLD_DAYS, Look
from streams.watch.outages import Outage
from streams.watch.progress import Progress
from streams.watch.stored_thresholds import StoredThresholds
from streams.watch.unmapped import Unmapped

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

#: Judging may take so long in one run; what is left comes with the next one.
JUDGE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run found. ``firing`` are the conditions that hold, ``unknown`` the keys that cannot be judged."""

    firing: tuple[Condition, ...]
    unknown: frozenset[str]


@dataclass(slots=True)
class Watch:
    """The parts of the watch. Calls block.

    ``refresh_sums`` sums up what has landed; ``live`` gives the cases that are not resolved, by key; ``apply`` takes
    the conditions that hold and the keys that cannot be judged (``streams.cases``).
    """

    thresholds: StoredThresholds
    heartbeat: Heartbeat
    progress: Progress
    refresh_sums: Callable[[datetime], object]
    expectations: Expectations
    judge: Judge
    unmapped: Unmapped
    look: Callable[..., Look]
    live: Callable[[datetime], dict[str, Case]]
    apply: Callable[[Sequence[Condition], Collection[str], datetime], None]
    names: Names
    bugs: Bugs

    def run(self, now: datetime) -> Ran:
        """One run. Raises NotNow while ClickHouse is away; bugs of parts are noted, one of the cases comes through."""
        begun = time.perf_counter()
        spoilt: set[str] = set()
        part = _Parts(self.bugs, now, spoilt)
        part.do("thresholds", self.thresholds.refresh)
        outage = part.do("outages", lambda: self.heartbeat.outage(now), ("gap", "late"))
        part.do("watermark", lambda: self.progress.look(now))
        part.do("sums", lambda: self.refresh_sums(now), ("gap", "late", "volume", "anomaly_rate"))
        part.do("expectations", lambda: self.expectations.refresh(now), ("gap", "late", "volume"))
        part.do("judgements", lambda: self._judge(now), ("anomaly_rate", "volume", "mapping", "association"))
        live = self.live(now)
        ran = self._detect(part, live, outage, now)
        self.apply(ran.firing, ran.unknown, now)
        took = int((time.perf_counter() - begun) * 1000)
        self.heartbeat.beat(now, self.progress.watermark, self.progress.lag, len(ran.firing), took)
        self._tell(ran, now)
        return ran

    def close(self) -> None:
        """There are no more runs. A run under way may end as *not now*."""
        self.progress.close()

    def _judge(self, now: datetime) -> None:
        self.judge.run(now, self.thresholds.now, JUDGE_SECONDS)

    def _detect(self, part: _Parts, live: dict[str, Case], outage: Outage | None, now: datetime) -> Ran:
        first = watched(now)[0]
        old = sorted({case.biz_date for case in live.values() if case.biz_date and case.biz_date < first})
        look = self.look(now, self.progress.watermark, old[-MOST_OLD_DAYS:])
        found = Found()
        for kind, detect in self._detectors(look).items():
            result = part.do(kind, detect, (kind,))
            if result is not None:
                found.conditions.extend(_of_interest(result.conditions, look, live))
                found.unknown.update(result.unknown)
        health = part.do("pipeline", lambda: self._health(look, outage), ("pipeline",))
        if health is not None:
            found.conditions.extend(health.conditions)
            found.unknown.update(health.unknown)
        firing = tuple(one for one in found.conditions if one.kind not in part.spoilt)
        too_old = set(old[:-MOST_OLD_DAYS])
        unclear = {key for key, case in live.items() if case.kind in part.spoilt or case.biz_date in too_old}
        return Ran(firing, frozenset((found.unknown | unclear) - {one.key for one in firing}))

    def _detectors(self, look: Look) -> dict[str, Callable[[], Found]]:
        """Kind of condition → what finds it."""
        names, thresholds, now, watermark = self.names, self.thresholds, look.now, look.watermark
        return {
            "gap": lambda: gap.detect(look.states, names),
            "late": lambda: late.detect(look.states, now, watermark, names),
            "anomaly_rate": lambda: anomaly_rate.detect(look.bad, look.rules, names),
            "volume": lambda: volume.detect(look.bad, look.states, watermark, names),
            "mapping": lambda: mapping.detect(look.bad, self.unmapped.codes(now), look.today),
            "association": lambda: association.detect(look.bad, names),
            "schema_drift": lambda: schema_drift.detect(look.drift, names),
            "rejection": lambda: rejection.detect(look.standing, look.undated, thresholds.now, names),
            "unreadable": lambda: unreadable.detect(look.letters, names),
        }

    def _health(self, look: Look, outage: Outage | None) -> Found:
        health = pipeline.Health(
            now=look.now, watermark=look.watermark, lag=self.progress.lag, missing=self.progress.missing,
            letters_last_hour=look.letters_last_hour, outage=outage, failing=dict(self.bugs.failing),
        )  # fmt: skip
        return pipeline.detect(health, self.thresholds.now)

    def _tell(self, ran: Ran, now: datetime) -> None:
        metrics.WATCH_LAST.set(now.timestamp())
        metrics.WATCH_BEHIND.set(max(0.0, (now - self.progress.watermark).total_seconds()))
        metrics.WATCH_WAITING.set(self.judge.waiting)
        for kind in KINDS:
            metrics.WATCH_FIRING.labels(kind=kind).set(sum(one.kind == kind for one in ran.firing))


def _of_interest(conditions: Iterable[Condition], look: Look, live: dict[str, Case]) -> list[Condition]:
    """What is about days of old, or bad figures of some weeks ago, is followed where there is a case, not begun."""
    first = {"gap": look.first_day, "late": look.first_day, "rejection": look.first_day}
    return [
        one
        for one in conditions
        if one.biz_date is None or one.biz_date >= first.get(one.kind, look.first_quality_day) or one.key in live
    ]


@dataclass(slots=True)
class _Parts:
    """Runs parts; ``spoilt`` are the kinds of conditions that cannot be judged because a part failed."""

    bugs: Bugs
    now: datetime
    spoilt: set[str]

    def do(self, name: str, work: Callable[[], Result], spoils: Collection[str] = ()) -> Result | None:
        part = f"watch.{name}"
        try:
            result = work()
        except NotNow:
            raise
        except Exception as error:
            self.bugs.note(part, error, self.now)
            self.spoilt.update(spoils)
            return None
        self.bugs.clear(part)
        return result
