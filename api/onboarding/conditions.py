"""The checklist "ready to apply": figures in, conditions out. Pure.

A table's days are walked from the newest one that is due backwards. A day holds when rows came and enough of them were
accepted, when it was declared empty, or when nothing was expected; days that are not due yet, or of which our own
outages let nothing be said, are passed over. The walk ends at the first day that does not hold, and before the first
day of the institution: what was before it is no merit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from api.indicators.names import MAPS
from api.onboarding.words import FIXES, TITLES, ConditionId
from standard.model import Standard

State = Literal["met", "unmet", "waiting"]

#: States of a day (clickhouse/queries/day_states.sql) on which rows came.
CAME = frozenset({"received", "late", "partial"})
_PASSED_OVER = frozenset({"pending", "unknown"})
_SWITCHED_OFF = frozenset({"schedule", "inactive", "no_inpatient", "no_outpatient"})


@dataclass(frozen=True, slots=True)
class Day:
    """A business day of a table; ``state`` and ``reason`` as the calendar says."""

    day: date
    state: str
    reason: str = ""
    received: int = 0
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """``good`` of ``all``."""

    good: int
    all: int

    @property
    def rate(self) -> float | None:
        """The fraction; None when there is nothing."""
        return self.good / self.all if self.all else None


@dataclass(frozen=True)
class Figures:
    """What is known of a test institution. ``days``: by table; ``sent``: tables of which rows or an honest "nothing"
    ever came; ``mapping`` by map, ``association`` by table (references found); ``used_at``: when a machine of it last
    used its credentials."""

    outpatient: bool
    inpatient: bool
    days: Mapping[str, Sequence[Day]]
    sent: frozenset[str]
    mapping: Mapping[str, Share]
    association: Mapping[str, Share]
    used_at: datetime | None


@dataclass(frozen=True)
class Needed:
    """What is asked for: thresholds as they hold for the institution; the rates also by table."""

    days: int
    mapping_rate: float
    success_rate: Callable[[str], float]
    association_rate: Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Item:
    """One table or map of a condition; ``rate`` is the share in the days asked for."""

    name: str
    zh: str
    en: str
    state: State
    figure: float | None
    needed: float
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition. ``figure`` against ``needed`` in ``unit``; for credentials, days since they were used last."""

    id: ConditionId
    state: State
    figure: float | None
    needed: float
    unit: Literal["tables", "days", "share"]
    items: Sequence[Item]

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """What is asked for and, while it is not met, what to do: zh, en, fix_zh, fix_en."""
        share = f"{self.needed:.0%}" if self.unit == "share" else ""
        zh, en = (text.format(needed=share or f"{self.needed:g}") for text in TITLES[self.id])
        return (zh, en, "", "") if self.state == "met" else (zh, en, *FIXES[self.id])


def expected_tables(figures: Figures, standard: Standard) -> list[str]:
    """The tables that the institution has to send: of the care it gives, without those that the schedule leaves out."""
    given = {"patient": True, "outpatient": figures.outpatient, "inpatient": figures.inpatient}
    return [
        name
        for name, table in standard.daily.items()
        if given[table.domain] and not _left_out(figures.days.get(name, ()))
    ]


def held(days: Iterable[Day], most: int, holds: Callable[[Day], bool]) -> int:
    """How many days in a row hold, from the newest backwards, ``most`` at most. A day without an entry ends the row."""
    count, following = 0, None
    for day in sorted(days, key=lambda one: one.day, reverse=True):
        gap = following is not None and following - day.day > timedelta(days=1)
        if count >= most or gap or day.reason == "before_start":
            break
        following = day.day
        if day.state in _PASSED_OVER:
            continue
        if not holds(day):
            break
        count += 1
    return count


def conditions(figures: Figures, needed: Needed, standard: Standard, now: datetime) -> list[Condition]:
    """Every condition, in the order in which they are worked on."""
    tables = expected_tables(figures, standard)
    named = {name: (table.name_zh, table.name_en) for name, table in standard.tables.items()}
    return [
        _credentials(figures, needed, now),
        _tables(figures, tables, named),
        _days("days", figures, needed, tables, named, lambda _: _uploaded),
        _days("success", figures, needed, tables, named, lambda table: _enough(needed.success_rate(table))),
        _shares("mapping", figures.mapping, lambda _: needed.mapping_rate, MAPS),
        _shares("association", figures.association, needed.association_rate, named),
    ]


def ready(found: Iterable[Condition]) -> bool:
    """Whether all of them are met."""
    return all(one.state == "met" for one in found)


def _left_out(days: Sequence[Day]) -> bool:
    return bool(days) and all(day.state == "not_expected" and day.reason in _SWITCHED_OFF for day in days)


def _uploaded(day: Day) -> bool:
    return day.state in CAME or day.state in ("empty", "not_expected")


def _enough(rate: float) -> Callable[[Day], bool]:
    return lambda day: _uploaded(day) and (not day.received or day.accepted >= rate * day.received)


def _credentials(figures: Figures, needed: Needed, now: datetime) -> Condition:
    ago = (now - figures.used_at) / timedelta(days=1) if figures.used_at else None
    state: State = "waiting" if ago is None else "met" if ago <= needed.days else "unmet"
    return Condition("credentials", state, None if ago is None else round(max(ago, 0.0), 2), needed.days, "days", ())


def _tables(figures: Figures, tables: Sequence[str], named: Mapping[str, tuple[str, str]]) -> Condition:
    items = [
        Item(table, *named[table], "met" if table in figures.sent else "unmet", float(table in figures.sent), 1)
        for table in tables
    ]
    sent = sum(item.state == "met" for item in items)
    return Condition("tables", _all(items), sent, len(items), "tables", _worst(items))


def _days(
    ident: ConditionId, figures: Figures, needed: Needed, tables: Sequence[str],
    named: Mapping[str, tuple[str, str]], holds: Callable[[str], Callable[[Day], bool]],
) -> Condition:  # fmt: skip
    items = []
    for table in tables:
        days = figures.days.get(table, ())
        count = held(days, needed.days, holds(table))
        newest = sorted(days, key=lambda one: one.day)[-needed.days :]
        rate = Share(sum(day.accepted for day in newest), sum(day.received for day in newest)).rate
        items.append(
            Item(table, *named[table], "met" if count >= needed.days else "unmet", count, needed.days, rate)
        )  # fmt: skip
    least = min((item.figure or 0 for item in items), default=0)
    return Condition(ident, _all(items), least, needed.days, "days", _worst(items))


def _shares(
    ident: ConditionId, shares: Mapping[str, Share], needed: Callable[[str], float],
    named: Mapping[str, tuple[str, str]],
) -> Condition:  # fmt: skip
    items = [
        Item(name, *named.get(name, (name, name)), "met" if rate >= needed(name) else "unmet", rate, needed(name), rate)
        for name, share in shares.items()
        if (rate := share.rate) is not None
    ]
    shown = _worst(items)
    # the condition shows the place that is worst beside what is asked for there
    worst = shown[0] if shown else None
    least = worst.needed if worst else needed("")
    return Condition(ident, _all(items), worst.figure if worst else None, least, "share", shown)


def _all(items: Sequence[Item]) -> State:
    if not items:
        return "waiting"
    return "met" if all(item.state == "met" for item in items) else "unmet"


def _worst(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.state == "met", (item.figure or 0) - item.needed))
