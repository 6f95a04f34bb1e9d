"""An indicator's figures: rows, what they sum up to, how the columns are called; shown as JSON or as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from api.indicators.filters import Filters, Lang
from api.models_indicators import FigureColumn, IndicatorAnswer
from api.sheets import Sheet, SheetColumn
from api.wire import iso

#: Rows of one question while a long list is exported: some megabytes at a time, whatever its length.
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Figures:
    """All rows of an indicator; there are never more than institutions × tables × rules × months of them.

    ``columns`` are those of a file, in order; the rows of an answer hold all columns of ``frame``. ``totals`` are over
    all rows, by column name.
    """

    name: str
    zh: str
    en: str
    columns: Sequence[SheetColumn]
    frame: pl.DataFrame
    totals: Mapping[str, Any] = field(default_factory=dict)
    summed: bool = True  # whether a file has a row of totals

    def sorted(self, by: str) -> Figures:
        """In the order of a column, what has no value at the end; as it is when ``by`` is no column of the rows."""
        name = by.removeprefix("-")
        if name not in self.frame.columns:
            return self
        frame = self.frame.sort(name, descending=by.startswith("-"), nulls_last=True, maintain_order=True)
        return replace(self, frame=frame)

    def answer(self, asked: Filters) -> IndicatorAnswer:
        """One page."""
        rows = self.frame.slice(asked.offset, asked.limit).to_dicts()
        return answer(self.name, asked, self.columns, rows, self.frame.height, self.totals)

    def sheet(self, lang: Lang) -> Sheet:
        """All rows, and what they add up to."""
        rows = self.frame.select(column.name for column in self.columns).iter_rows()
        return Sheet(self.zh if lang == "zh" else self.en, self.columns, rows, totals=self.summed)


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a list of any length, asked for page by page: ``page(limit, offset)``; ``chunks`` gives all of them."""

    name: str
    zh: str
    en: str
    columns: Sequence[SheetColumn]
    total: int
    page: Callable[[int, int], list[dict[str, Any]]]
    chunks: Callable[[], Iterator[list[dict[str, Any]]]]

    def answer(self, asked: Filters) -> IndicatorAnswer:
        """One page."""
        return answer(self.name, asked, self.columns, self.page(asked.limit, asked.offset), self.total, {})

    def sheet(self, lang: Lang) -> Sheet:
        """All rows; they are asked for while the file is written."""
        names = [column.name for column in self.columns]
        rows = (tuple(row[name] for name in names) for chunk in self.chunks() for row in chunk)
        return Sheet(self.zh if lang == "zh" else self.en, self.columns, rows)


def answer(
    name: str, asked: Filters, columns: Sequence[SheetColumn], rows: list[dict[str, Any]], total: int,
    totals: Mapping[str, Any],
) -> IndicatorAnswer:  # fmt: skip
    """A page as JSON."""
    following = asked.offset + len(rows)
    return IndicatorAnswer(
        indicator=name, biz_from=asked.first.isoformat(), biz_to=asked.last.isoformat(),
        columns=[FigureColumn(name=c.name, zh=c.zh, en=c.en, kind=c.kind) for c in columns],
        rows=[{key: plain(value) for key, value in row.items()} for row in rows],
        totals={key: plain(value) for key, value in totals.items()},
        total=total, limit=asked.limit, offset=asked.offset,
        next_offset=following if rows and following < total else None,
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A value of a frame as JSON has it: days and times as texts, amounts as exact texts."""
    match value:
        case datetime():
            return None if value.timestamp() == 0 else iso(value)  # ClickHouse's zero stands for "none"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case list():
            return [plain(part) for part in value]
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case _:
            return value


def month_text(column: str = "month") -> pl.Expr:
    """``2026-11`` from a number like 202611."""
    digits = pl.col(column).cast(pl.String)
    return (digits.str.head(4) + "-" + digits.str.tail(2)).alias(column)


def rate(part: int, whole: int) -> float | None:
    """A fraction; None when there is nothing to make it from."""
    return part / whole if whole else None


def total_of(frame: pl.DataFrame, column: str) -> Any:
    """Sum of a column; zero of an empty one."""
    return frame[column].sum() or 0
