"""Cells, and how far the rollup is: the marks that both parts of it go by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple

import polars as pl

from clickhouse.client import ClickHouse

MOMENT = pl.Datetime("ms", "Asia/Shanghai")
MILLISECOND = timedelta(milliseconds=1)
#: Before everything; far enough from 1970 to look a little further back.
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


Part = Literal["sums", "facts", "switches"]


class Cell(NamedTuple):
    """A business day of a table of an institution; 1970-01-01: rows without a readable date."""

    org: str
    table: str
    biz_date: date


def parameters(cells: Iterable[Cell]) -> dict[str, Any]:
    """Institutions, tables and days of cells as three arrays of equal length; ``table`` is that of the first one."""
    orgs, tables, days = zip(*cells, strict=True)
    return {"orgs": list(orgs), "tables": list(tables), "days": list(days), "table": tables[0]}


def by_table(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """Cells by their table."""
    tables: dict[str, list[Cell]] = {}
    for cell in cells:
        tables.setdefault(cell.table, []).append(cell)
    return tables


@dataclass(frozen=True, slots=True)
class Mark:
    """What had come when ``up_to`` was the time is done. Marks are numbered; the greatest number holds."""

    up_to: datetime
    number: int


def read_mark(clickhouse: ClickHouse, part: Part) -> Mark:
    """The newest mark of a part of the rollup; of one that never ran, long ago. Raises NotNow."""
    sql = "SELECT up_to, number FROM rollup_marks WHERE part = {part:String} ORDER BY number DESC LIMIT 1"
    rows = clickhouse.rows(sql, {"part": part})
    return Mark(rows[0]["up_to"], rows[0]["number"]) if rows else Mark(LONG_AGO, 0)


def set_mark(clickhouse: ClickHouse, part: Part, up_to: datetime, before: Mark) -> None:
    """Put a mark after ``before``; nothing is written when it says the same. Raises NotNow."""
    if up_to != before.up_to:
        row = {"part": part, "up_to": up_to, "number": before.number + 1}
        clickhouse.insert("rollup_marks", pl.DataFrame([row], schema_overrides={"up_to": MOMENT, "number": pl.UInt64}))


def change_time(clickhouse: ClickHouse, now: datetime) -> datetime:
    """The time of a change that is about to be written: now, but later than every change before, whoever's clock wrote
    it. What was computed up to a change can so be told from what came after it. Raises NotNow."""
    floor = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return max(floor, newest_change(clickhouse) + MILLISECOND)


def newest_change(clickhouse: ClickHouse) -> datetime:
    """The time of the newest change in ``ledger_days``; 1970 without any. Raises NotNow."""
    newest: datetime = clickhouse.rows("SELECT max(changed_at) AS newest FROM ledger_days")[0]["newest"]
    return newest
