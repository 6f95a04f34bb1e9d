"""Asks ClickHouse for what the monitor shows: only what has changed, and not more often than its time allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl

from api.console.live import landed
from api.console.live.board import Board, CaseLine, Cell, Cells, Counts, Ingest, Step
from api.console.live.circle import window
from api.console.live.days import ahead, cells
from api.console.live.picture import STEP_SECONDS, STEPS
from api.wire import SHANGHAI
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query

#: After a query as many times its time without it. The calendar and today's totals are the large ones; between two
#: questions they are raised by what landed. News wait while they are asked: each takes a twenty-fifth of the time.
#: What is small is asked at every look, and the looks rest (``pulse.REST``): what one leaves out waits for another.
SUMS_REST, TODAY_REST = 24, 24
#: States that were judged anew change the calendar with nothing landed.
JUDGED_REST = 4
#: States of days change by the clock too (a deadline passes).
CALENDAR_SECONDS = 10.0
#: After so long what is in the ledger is in the sums by day too, which are made every few seconds.
AHEAD = timedelta(minutes=2)
#: Each look at what landed goes back so far: what was stored is not always visible in the order of its times.
LOOK_BACK = timedelta(seconds=30)

_SUMS = "ledger_days"
_JUDGED = ("expected_days", "judgements", "watch_log", "orgs")
_TABLES = ("ledger", "case_steps", _SUMS, *_JUDGED)


class Part:
    """Something that is asked again when its tables were written to, or when it is ``old`` seconds old."""

    def __init__(self, *tables: str, old: float = 3600.0, rest: int = 0) -> None:
        self._tables = tables
        self._times = rest
        self._old = old
        self._seen: Hashable = None
        self._asked = self._rest = float("-inf")

    def due(self, marks: Mapping[str, int], more: Hashable, clock: float) -> bool:
        """Whether to ask now; ``more``: what else it depends on."""
        changed = self._seen != self._state(marks, more)
        return clock >= self._rest and (changed or clock >= self._asked + self._old)

    def asked(self, marks: Mapping[str, int], more: Hashable, begun: float, ended: float) -> None:
        """It was asked: of which state, and how long it took."""
        self._seen, self._asked, self._rest = self._state(marks, more), begun, ended + self._times * (ended - begun)

    def _state(self, marks: Mapping[str, int], more: Hashable) -> Hashable:
        return (tuple(marks.get(table) for table in self._tables), more)


class Reading:
    """``board = reading.look(months)``: one caller at a time; blocks, raises NotNow. ``now`` gives UTC."""

    def __init__(
        self, clickhouse: ClickHouse, orgs: OrgStore, now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._clickhouse = clickhouse
        self._org_store = orgs
        self._now = now
        self._clock = clock
        self._parts = {
            "orgs": Part("orgs", old=60.0), "today": Part("ledger", rest=TODAY_REST), "landed": Part("ledger"),
            "cases": Part("case_steps"), "ahead": Part(old=0.0),
        }  # fmt: skip
        self._orgs: dict[str, Org] = {}
        self._today: dict[str, Counts] = {}
        self._cases: tuple[CaseLine, ...] = ()
        self._landed: dict[landed.Key, landed.Landed] | None = None
        self._steps: dict[str, dict[int, Step]] = {}
        self._touched: set[tuple[str, date]] = set()  # institutions and days of which something came
        self._places: dict[landed.Place, datetime] = {}  # stretches of the ledger that got rows, and when
        self._ahead = pl.DataFrame()  # rows of live_counts, with ``until``
        self._calendars: dict[str, _Calendar] = {}

    def look(self, months: Collection[str], ingest: Ingest) -> Board:
        """Everything as it is now, with the calendars of these months and that of today."""
        now = self._now()
        today = now.astimezone(SHANGHAI).date()
        found = self._rows("live_changed", tables=list(_TABLES))
        marks = {row["table"]: int(row["mark"]) for row in found}
        self._ask("orgs", marks, None, self._read_orgs)
        midnight = datetime.combine(today, datetime.min.time(), SHANGHAI)
        fresh = self._ask("today", marks, today, lambda: self._read_today(midnight))
        read = partial(self._read_landed, now, midnight, fresh=fresh)
        self._ask("landed", marks, None, read, anyway=fresh)
        self._ask("cases", marks, None, self._read_cases)
        counted = bool(self._touched) and self._ask("ahead", marks, None, lambda: self._read_ahead(now))
        wanted = {*months, f"{today:%Y-%m}"}
        self._calendars = {month: self._calendars.get(month) or _Calendar() for month in sorted(wanted)}
        for month, calendar in self._calendars.items():
            first_last, begun = window(month, today), self._clock()
            if any(part.due(marks, first_last, begun) for part in calendar.parts):
                calendar.window, calendar.states = first_last, self._states(*first_last, now)
                for part in calendar.parts:
                    part.asked(marks, first_last, begun, self._clock())
                calendar.put_together(self._ahead)
            elif counted:
                calendar.put_together(self._ahead)
        return Board(
            now, self._orgs, self._today, self._steps, _step(now), {m: one.cells for m, one in self._calendars.items()},
            self._cases, ingest,
        )  # fmt: skip

    def _ask(
        self, name: str, marks: Mapping[str, int], more: Hashable, read: Callable[[], object], *, anyway: bool = False
    ) -> bool:
        part, begun = self._parts[name], self._clock()
        due = anyway or part.due(marks, more, begun)
        if due:
            read()
            part.asked(marks, more, begun, self._clock())
        return due

    def _rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        return self._clickhouse.rows(load_query(query), parameters)

    def _read_orgs(self) -> None:
        self._orgs = {org.org: org for org in self._org_store.all()}

    def _read_today(self, midnight: datetime) -> None:
        rows = self._rows("live_today", midnight=midnight)
        self._today = {row["org"]: Counts(*(int(row[name]) for name in Counts._fields)) for row in rows}

    def _read_cases(self) -> None:
        self._cases = tuple(
            CaseLine._make(
                [
                    *(row[name] for name in CaseLine._fields[:-1]),
                    int(max(row["turned_at"], row["opened_at"]).timestamp() * 1000),
                ]
            )
            for row in self._rows("live_cases")
        )

    def _read_landed(self, now: datetime, midnight: datetime, *, fresh: bool) -> None:
        """What landed since the last look. ``fresh``: today's totals were asked for just before this, so they have it
        already; what came between the two questions they get with the next ones."""
        whole = timedelta(seconds=STEP_SECONDS * STEPS)
        since = _step(now - (whole if self._landed is None else LOOK_BACK))
        rows = self._rows("live_landed", seconds=STEP_SECONDS, since=_time(since), midnight=midnight)
        before, after = self._landed or {}, landed.read(rows)
        if not fresh:
            self._today = landed.raised(self._today, before, after)
        self._steps = landed.stepped(self._steps, after, _step(now - whole) - 1, since)
        for key in landed.new(before, after):
            if key.step >= _step(now - AHEAD):
                self._places[key.place] = now
                if key.day.year > 1970:
                    self._touched.add((key.org, key.day))
        self._landed = after

    def _read_ahead(self, now: datetime) -> None:
        """Count what was touched as it is in the ledger now; forget what the sums by day have by now."""
        self._places = {place: at for place, at in self._places.items() if at > now - AHEAD}
        topics, partitions, stretches = zip(*self._places, strict=True) if self._places else ((), (), ())
        wanted = {
            "orgs": sorted({org for org, _ in self._touched}), "days": sorted({day for _, day in self._touched}),
            "topic_ids": list(topics), "partitions": list(partitions), "stretches": list(stretches),
        }  # fmt: skip
        fresh = self._clickhouse.query(load_query("live_counts"), wanted)
        fresh = fresh.with_columns(pl.lit(now + AHEAD).alias("until"))
        if not self._ahead.is_empty():
            kept = self._ahead.filter(pl.col("until") > now)
            fresh = pl.concat([kept, fresh]).unique(["org", "table", "biz_date"], keep="last")
        self._ahead = fresh
        self._touched = set()

    def _states(self, first: date, last: date, now: datetime) -> pl.DataFrame:
        [mark] = self._rows("watermark")
        wanted = {"biz_from": first, "biz_to": last, "org": "", "table": "", "now": now, "watermark": mark["watermark"]}
        text = pl.col("org", "table", "state").cast(pl.String)
        return self._clickhouse.query(load_query("day_states"), wanted).with_columns(text)


class _Calendar:
    """The cells of a month."""

    def __init__(self) -> None:
        self.parts = (Part(_SUMS, old=CALENDAR_SECONDS, rest=SUMS_REST), Part(*_JUDGED, rest=JUDGED_REST))
        self.window = (date.min, date.min)
        self.states = pl.DataFrame()
        self.cells: Cells = {}

    def put_together(self, counts: pl.DataFrame) -> None:
        """The cells again; rows that are as they were stay the same objects, so that comparing them is quick."""
        if not counts.is_empty():
            counts = counts.filter(pl.col("biz_date").is_between(*self.window))
        fresh: dict[str, dict[date, Cell]] = cells(ahead(self.states, counts))
        self.cells = {org: self.cells[org] if self.cells.get(org) == row else row for org, row in fresh.items()}


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def _time(step: int) -> datetime:
    return datetime.fromtimestamp(step * STEP_SECONDS, UTC)
