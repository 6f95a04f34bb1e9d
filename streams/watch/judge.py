"""Keeps ``judgements`` as the stored figures and the thresholds say. Blocks; raises NotNow.

A day is judged again, as a whole, when figures of it or of a day of its baseline were written since the last look, and
every day when thresholds were changed: from stored figures, no record is read again. The newest days come first, and a
look ends after a while; what is left is judged at the next one. Only what differs is written.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query
from clickhouse.steps import now_ms
from streams.watch.baseline import later_days
from streams.watch.expectations import watched
from streams.watch.measures import KEY, Measure
from streams.watch.thresholds import Thresholds

#: Days that are judged at once; a month of a province takes a quarter of a second.
DAYS_AT_ONCE = 31
#: What was written so long before the last look may have become visible after it, and two leaders may overlap.
OVERLAP = timedelta(minutes=5)
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
NO_DAY = date(1970, 1, 1)


@dataclass(slots=True)
class Judged:
    """A family of detectors: what tells that a day has changed (``what`` of watch_changed_days; ``maps``: all watched
    days, when a code map changes), and its measure."""

    whats: tuple[str, ...]
    detectors: tuple[str, ...]
    measure: Measure
    baseline: bool = False  # whether days are part of what later days are judged by
    days: set[date] = field(default_factory=set)  # to be judged


class Judge:
    """``run`` judges what has to be judged again."""

    def __init__(self, clickhouse: ClickHouse, families: Collection[Judged]) -> None:
        self._clickhouse = clickhouse
        self._families = families
        self._since = LONG_AGO
        self._seen: dict[tuple[str, date], object] = {}
        self._thresholds = Thresholds()

    @property
    def waiting(self) -> int:
        """Days that could not be judged yet."""
        return sum(len(family.days) for family in self._families)

    def run(self, now: datetime, thresholds: Thresholds, seconds: float) -> int:
        """How many judgements were written; after ``seconds`` nothing new is begun."""
        self._look(now, thresholds)
        deadline = time.monotonic() + seconds
        written = 0
        for family in self._families:
            while family.days and time.monotonic() < deadline:
                days = sorted(family.days, reverse=True)[:DAYS_AT_ONCE]
                written += self._judge(family, days, thresholds, now)
                family.days.difference_update(days)
        return written

    def _look(self, now: datetime, thresholds: Thresholds) -> None:
        if thresholds != self._thresholds:
            self._since, self._thresholds = LONG_AGO, thresholds
            self._seen.clear()
        today = now.astimezone(SHANGHAI).date()
        changed = self._changed()
        for family in self._families:
            days = {day for what, day in changed if what in family.whats and NO_DAY < day <= today}
            if family.baseline:
                days |= later_days(days, today)
            if ("maps", NO_DAY) in changed and "maps" in family.whats:
                days.update(watched(now))
            family.days |= days
        self._since = now - OVERLAP

    def _changed(self) -> list[tuple[str, date]]:
        """What was written and not seen yet: the looks overlap."""
        since = {"since": self._since}
        found = [
            (row["what"], row["biz_date"], row["at"])
            for row in self._clickhouse.rows(load_query("watch_changed_days"), since)
        ]
        maps = self._clickhouse.rows(load_query("watch_map_changes"), since)[0]
        if maps["changed"]:
            found.append(("maps", NO_DAY, (maps["at"], maps["changed"])))
        new = [(what, day) for what, day, at in found if self._seen.get((what, day)) != at]
        self._seen.update({(what, day): at for what, day, at in found})
        return new

    def _judge(self, family: Judged, days: list[date], thresholds: Thresholds, now: datetime) -> int:
        fresh = family.measure(self._clickhouse, days, thresholds)
        parameters = {"days": days, "detectors": list(family.detectors)}
        stored = self._clickhouse.query(load_query("watch_judged"), parameters).select(fresh.columns)
        # what there is no figure of any more: rows were revoked
        gone = stored.filter(pl.col("verdict") != "no_data").join(fresh, on=KEY, how="anti")
        gone = gone.with_columns(numerator=pl.lit(0.0), denominator=pl.lit(0.0), verdict=pl.lit("no_data"))
        new = pl.concat([fresh.join(stored, on=fresh.columns, how="anti", nulls_equal=True), gone])
        if new.height:
            stamp = pl.lit(now_ms(now.astimezone(SHANGHAI))).dt.cast_time_unit("ms").alias("judged_at")
            self._clickhouse.insert("judgements", new.with_columns(stamp))
        return new.height
