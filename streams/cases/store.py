"""Cases as they are stored: read in their newest step, changed by taking the next one. Calls block and raise NotNow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.steps import MOMENT, take_step
from streams.cases.case import Case

TABLE = "case_steps"
#: ClickHouse keeps no nulls here: the zero of its times and dates means "none".
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NO_DAY = date(1970, 1, 1)

_NAMES = tuple(field.name for field in fields(Case))
_FLAGS = frozenset({"firing", "flapping"})
_OPTIONAL = ("snoozed_until", "due_at", "closed_at")
_SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("opened_at", "snoozed_until", "reminded_at", "turned_at", "due_at", "closed_at"), MOMENT),
    "returns": pl.List(MOMENT),
    **dict.fromkeys(("numerator", "denominator", "threshold", "baseline"), pl.Float64), "opening": pl.UInt32,
    "reopened": pl.UInt32, "firing": pl.UInt8, "flapping": pl.UInt8,
}  # fmt: skip
#: What a page of cases may be narrowed by; empty or zero: not narrowed.
_UNFILTERED: Mapping[str, Any] = {
    "id": "", "org": "", "table": "", "kind": "", "severity": "", "state": "", "opened_from": NEVER,
    "opened_to": NEVER, "ended_since": NEVER, "stage": "", "side": "", "overdue_at": NEVER, "text": "",
    "text_orgs": [], "sort": "opened_at", "descending": 1,
}  # fmt: skip


class CaseReader:
    """Reads cases, of those institutions that ``clickhouse`` reads."""

    def __init__(self, clickhouse: Reader) -> None:
        self._reader = clickhouse

    def current(self, since: datetime) -> dict[str, Case]:
        """The newest case of each key: live ones, and those that ended at or after ``since`` or are still watched
        (resolved by hand while the condition holds, or flapping)."""
        found = self._reader.rows(
            load_query("cases_now"), {**_UNFILTERED, "ended_since": since, "limit": 0, "offset": 0}
        )
        newest: dict[str, Case] = {}
        for case in map(_case, found):
            if case.key not in newest or newest[case.key].opening < case.opening:
                newest[case.key] = case
        return newest

    def openings(self, keys: Sequence[str]) -> dict[str, int]:
        """How many cases each key has had; keys without any are left out."""
        rows = self._reader.rows(load_query("case_openings"), {"keys": list(keys)})
        return {row["key"]: int(row["opening"]) for row in rows}

    def find(self, ident: str) -> Case | None:
        """A case by its id."""
        found = self._reader.rows(load_query("cases_now"), {**_UNFILTERED, "id": ident, "limit": 1, "offset": 0})
        return _case(found[0]) if found else None

    def page(self, limit: int, offset: int, **wanted: Any) -> tuple[int, list[Case]]:
        """How many there are and one page, in the order of ``cases_now.sql``; ``wanted`` as in ``cases_newest.sql``."""
        filters = {**_UNFILTERED, **wanted}
        total = self._reader.rows(load_query("cases_count"), filters)[0]["cases"]
        rows = self._reader.rows(load_query("cases_now"), {**filters, "limit": limit, "offset": offset})
        return int(total), [_case(row) for row in rows]

    def steps(self, ident: str) -> list[Case]:
        """Every step of a case, in order."""
        return [_case(row) for row in self._reader.rows(load_query("case_steps_of"), {"id": ident})]

    def untold(self, since: datetime, before: datetime) -> list[Case]:
        """Steps since then that people should hear of and whose notice is not whole, in order."""
        rows = self._reader.rows(load_query("case_steps_untold"), {"since": since, "before": before})
        return [_case(row) for row in rows]


class CaseStore(CaseReader):
    """Takes steps besides."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        super().__init__(clickhouse)
        self._clickhouse = clickhouse

    def take(self, case: Case) -> bool:
        """Take the step; False when somebody else has this version already."""
        return take_step(self._clickhouse, TABLE, _row(case), _SCHEMA)


def _row(case: Case) -> dict[str, Any]:
    row = asdict(case)
    row |= {name: row[name] or NEVER for name in _OPTIONAL}
    row["biz_date"] = case.biz_date or NO_DAY
    row["returns"] = [moment.astimezone(SHANGHAI) for moment in case.returns]
    return {name: int(value) if name in _FLAGS else value for name, value in row.items()}


def _case(row: dict[str, Any]) -> Case:
    values: dict[str, Any] = {name: bool(row[name]) if name in _FLAGS else row[name] for name in _NAMES}
    values |= {name: row[name] if row[name] > NEVER else None for name in _OPTIONAL}
    values["biz_date"] = row["biz_date"] if row["biz_date"] > NO_DAY else None
    values["returns"] = tuple(row["returns"])
    return Case(**values)
