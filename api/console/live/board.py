"""Where everything stands at one moment, for all institutions: what pictures are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from clickhouse.orgs import Org


class Counts(NamedTuple):
    """What came today from an institution."""

    received: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int


class Step(NamedTuple):
    """What landed of an institution in one step of time; ``slowest``: milliseconds from arrival to landing."""

    received: int
    accepted: int
    rejected: int
    slowest: int


class Cell(NamedTuple):
    """An institution's day. ``state``: number of the worst state of its tables (order of ``names.STATES``), ``tables``:
    how many are in it, ``owed``: how many were expected; ``due``: seconds since 1970, 0 for none."""

    state: int
    received: int
    accepted: int
    rejected: int
    flagged: int
    due: int
    tables: int
    owed: int


class CaseLine(NamedTuple):
    """A case that is not over."""

    id: str
    org: str
    table: str
    kind: str
    severity: str
    state: str
    zh: str
    en: str
    at: int  # milliseconds since 1970: when it last came or got worse


#: Institution → day → cell.
Cells = Mapping[str, Mapping[date, Cell]]


@dataclass(frozen=True, slots=True)
class Ingest:
    """How far the platform itself is. ``waiting``: messages that have not landed, None when it is not known."""

    waiting: int | None = None
    broker: bool = True
    clickhouse: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """Everything. ``at`` is when it was asked for; ``steps`` by institution and number of the step, ``step`` the number
    of the one that is not over yet; ``cells`` by month like 2026-11; ``cases`` newest first."""

    at: datetime
    orgs: Mapping[str, Org]
    today: Mapping[str, Counts]
    steps: Mapping[str, Mapping[int, Step]]
    step: int
    cells: Mapping[str, Cells]
    cases: Sequence[CaseLine]
    ingest: Ingest
