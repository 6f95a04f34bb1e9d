"""What a sheet is made of, and the values of its cells as they are meant: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from clickhouse.client import SHANGHAI

Kind = Literal["text", "int", "number", "percent", "money", "date", "time"]
Lang = Literal["zh", "en"]
Format = Literal["csv", "xlsx"]

#: Kinds that a row of totals adds up.
SUMMED: frozenset[Kind] = frozenset({"int", "number", "money"})
#: A text that begins so could be run as a formula by what opens a CSV (OWASP, CSV injection); full-width signs count in
#: some locales. It gets the guard in front, and loses it again when the file comes back.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
GUARD = "'"
TOTAL = {"zh": "合计", "en": "Total"}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column. ``kind`` says what its values are: text (str), int, number (float or Decimal), percent (a fraction,
    0.05 is shown as 5.00%), money (yuan), date (date), time (zoned datetime, shown in Shanghai); None is empty.

    In a row of totals int, number and money are added up unless ``summed`` is false; a percent with ``ratio``
    (names of the columns of its numerator and denominator) is computed from their sums; all others stay empty.
    ``width`` is in characters.
    """

    name: str
    zh: str
    en: str
    kind: Kind
    width: int = 14
    summed: bool = True
    ratio: tuple[str, str] | None = None

    def header(self, lang: Lang) -> str:
        """The text above the column."""
        return self.zh if lang == "zh" else self.en


@dataclass
class Sheet:
    """One table. ``rows`` is gone through once, so it can be a generator that reads from ClickHouse page by page; each
    row has a value for each column. ``totals`` adds a row of totals at the end."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[object]]
    totals: bool = False


def cell(kind: Kind, value: object) -> str | int | float | Decimal | date | datetime | None:
    """The value as it is meant: times as Shanghai wall clock without zone, text as text. Raises ValueError (a bug) for
    a time without zone."""
    if value is None:
        return None
    if kind == "text":
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without zone in a sheet")
        wall = value.astimezone(SHANGHAI).replace(tzinfo=None)
        return wall.date() if kind == "date" else wall.replace(microsecond=0)
    if isinstance(value, int | float | Decimal | date):
        return value if value == value else None  # NaN: there is no figure  # noqa: PLR0124
    return str(value)


class Totals:
    """Adds up what passes through; exact for Decimal and int."""

    def __init__(self, columns: Sequence[SheetColumn]) -> None:
        self._columns = columns
        self._sums: dict[str, Decimal | int | float] = {
            column.name: 0 for column in columns if column.kind in SUMMED and column.summed
        }

    def through(self, rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        """The same rows, added up on the way."""
        places = [(place, column.name) for place, column in enumerate(self._columns) if column.name in self._sums]
        for row in rows:
            for place, name in places:
                value = row[place]
                if isinstance(value, int | float | Decimal) and value == value:  # noqa: PLR0124
                    self._sums[name] = _plus(self._sums[name], value)
            yield row

    def row(self, lang: Lang) -> list[object]:
        """The row of totals; the first column says so when it holds text."""
        values = [self._total(column) for column in self._columns]
        if values and self._columns[0].kind == "text":
            values[0] = TOTAL[lang]
        return values

    def _total(self, column: SheetColumn) -> object:
        if column.ratio is None:
            return self._sums.get(column.name)
        above, below = (self._sums[name] for name in column.ratio)
        return float(above) / float(below) if below else None  # nothing to divide by is no rate


def _plus(left: Decimal | int | float, right: Decimal | int | float) -> Decimal | int | float:
    if isinstance(left, float) or isinstance(right, float):
        return float(left) + float(right)
    return left + right
