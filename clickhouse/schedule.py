"""Who must send what by when, and when nothing is due: as people keep it, and as it is stored.

Of several entries of the schedule that apply to an institution, a table and a day the most specific one holds
(institution and table, then institution, then table, then everywhere), and of those the one that began last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Literal

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query

#: Stands for every institution, or every table.
EVERY = "*"
#: An entry without a first or last day: the ends of ClickHouse's Date32 that are of use.
ALWAYS = date(1970, 1, 1)
FOREVER = date(2299, 12, 31)

QuietKind = Literal["holiday", "maintenance", "incident", "outage"]


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """What is owed: ``org`` and ``table`` can be ``*``. The rows of day T are due on T + ``due_days`` at ``due_hour``
    o'clock in Shanghai and missing ``grace_hours`` later. Valid for business days from ``valid_from`` to ``valid_to``,
    both included. The key is (org, table, valid_from).
    """

    org: str = EVERY
    table: str = EVERY
    expected: bool = True
    due_days: int = 1
    due_hour: int = 8
    grace_hours: int = 4
    valid_from: date = ALWAYS
    valid_to: date = FOREVER
    note: str = ""
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class QuietTime:
    """A time in which something is not due or not judged, from ``starts_at`` up to, not including, ``ends_at`` (zoned).

    ``kind``: holiday (nothing is due for those days), maintenance (what falls due then is due after it), incident (out
    of the baselines, nobody is blamed), outage (our own, written by the watch).
    """

    id: str
    org: str
    table: str
    kind: QuietKind
    starts_at: datetime
    ends_at: datetime
    note: str = ""
    changed_by: str = ""


def quiet_id(org: str, table: str, kind: str, starts_at: datetime) -> str:
    """The id of a quiet time that came without one: the same beginning of the same thing is the same quiet time."""
    text = "|".join((org, table, kind, starts_at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


ScheduleKey = tuple[str, str, date]


class ScheduleStore:
    """Reads and writes the schedule. ``clock`` gives the zoned time of a change. Every call blocks; raises NotNow."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def all(self) -> list[ScheduleEntry]:
        """Every entry, by institution, table and first day."""
        rows = self._client.rows(load_query("schedule_now"))
        names = [field.name for field in fields(ScheduleEntry)]
        return [ScheduleEntry(**{**{n: row[n] for n in names}, "expected": bool(row["expected"])}) for row in rows]

    def save(self, entries: Iterable[ScheduleEntry], changed_by: str) -> None:
        """Adds entries or replaces those with the same institution, table and first day."""
        self._write(entries, changed_by, deleted=False)

    def delete(self, keys: Iterable[ScheduleKey], changed_by: str) -> None:
        """Takes away the entries with these keys (institution, table, first day)."""
        gone = [ScheduleEntry(org=org, table=table, valid_from=first) for org, table, first in keys]
        self._write(gone, changed_by, deleted=True)

    def _write(self, entries: Iterable[ScheduleEntry], changed_by: str, *, deleted: bool) -> None:
        latest = {(entry.org, entry.table, entry.valid_from): asdict(entry) for entry in entries}
        if not latest:
            return
        frame = pl.DataFrame(list(latest.values())).with_columns(
            pl.col("expected", "due_days", "due_hour").cast(pl.UInt8),
            pl.col("grace_hours").cast(pl.UInt16),
            *stamp(self._clock(), changed_by, deleted=deleted),
        )
        self._client.insert("schedule", frame)


class QuietTimeStore:
    """Reads and writes quiet times. ``clock`` gives the zoned time of a change. Every call blocks; raises NotNow."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def all(self) -> list[QuietTime]:
        """Every quiet time, by its beginning; times in Shanghai."""
        rows = self._client.rows(load_query("quiet_times_now"))
        return [QuietTime(**{field.name: row[field.name] for field in fields(QuietTime)}) for row in rows]

    def save(self, times: Iterable[QuietTime], changed_by: str) -> None:
        """Adds quiet times or replaces those with the same id."""
        self._write(times, changed_by, deleted=False)

    def delete(self, times: Iterable[QuietTime], changed_by: str) -> None:
        """Takes away these quiet times, by their ids."""
        self._write(times, changed_by, deleted=True)

    def _write(self, times: Iterable[QuietTime], changed_by: str, *, deleted: bool) -> None:
        latest = {time.id: asdict(time) for time in times}
        if not latest:
            return
        for row in latest.values():  # one zone for the column
            row["starts_at"], row["ends_at"] = (row[name].astimezone(SHANGHAI) for name in ("starts_at", "ends_at"))
        frame = pl.DataFrame(list(latest.values())).with_columns(
            pl.col("starts_at", "ends_at").dt.cast_time_unit("ms"), *stamp(self._clock(), changed_by, deleted=deleted)
        )
        self._client.insert("quiet_times", frame)


def stamp(at: datetime, changed_by: str, *, deleted: bool) -> list[pl.Expr]:
    """The columns of a change: who, when, and whether it takes the row away."""
    return [
        pl.lit(changed_by).alias("changed_by"),
        pl.lit(int(deleted), pl.UInt8).alias("deleted"),
        pl.lit(at).dt.cast_time_unit("ms").alias("updated_at"),
    ]
