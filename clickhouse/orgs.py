"""The institutions as they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query
from clickhouse.steps import MOMENT, now_ms


@dataclass(frozen=True, slots=True)
class Org:
    """An institution. ``city`` and ``county`` are GB/T 2260 codes; ``level`` 1 to 3, 0 not graded. Days are Shanghai's.

    ``starts_on`` is the first business day that is expected; 1970-01-01: the day on which it was entered, or the first
    day that it sent if that is earlier.
    """

    org: str
    name: str
    city: str = ""
    county: str = ""
    level: int = 0
    type: str = ""
    outpatient: bool = True
    inpatient: bool = False
    contact: str = ""
    phone: str = ""
    test: bool = False  # out of every total
    active: bool = True
    starts_on: date = date(1970, 1, 1)


_NAMES = tuple(field.name for field in fields(Org))
_FLAGS = frozenset({"outpatient", "inpatient", "test", "active"})  # UInt8 in ClickHouse


class OrgStore:
    """Reads and writes institutions. ``clock`` gives the zoned time of a change."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def save(self, orgs: Iterable[Org]) -> None:
        """Adds institutions or replaces those with the same code; of two with one code the last one counts."""
        latest = {org.org: org for org in orgs}
        if not latest:
            return
        now = now_ms(self._clock().astimezone(SHANGHAI))
        known = self.entered()
        rows = [asdict(org) | {"entered_at": known.get(org.org, now), "updated_at": now} for org in latest.values()]
        frame = pl.DataFrame(rows, schema_overrides={"entered_at": MOMENT, "updated_at": MOMENT})
        frame = frame.with_columns(pl.col("level").cast(pl.UInt8), pl.col(*_FLAGS).cast(pl.UInt8))
        self._client.insert("orgs", frame)

    def entered(self) -> dict[str, datetime]:
        """When each institution was entered first, however often it was changed since."""
        return {row["org"]: row["entered_at"] for row in self._client.rows(load_query("orgs_entered"))}

    def all(self) -> list[Org]:
        """Every institution, by code; inactive and test ones too."""
        parameters = {"city": "", "county": "", "active_only": 0, "without_test": 0}
        rows = self._client.rows(load_query("org_list"), parameters)
        return [_org(row) for row in rows]


def _org(row: dict[str, Any]) -> Org:
    values: dict[str, Any] = {name: bool(row[name]) if name in _FLAGS else row[name] for name in _NAMES}
    return Org(**values)
