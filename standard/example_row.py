"""One example row as the vocabulary sees it: its values, its conditions and its numeric and text terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from standard.model import Check, Column, Standard
from standard.vocabulary import MANY

# Front pages write the days of an unfinished month as thirtieths.
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """A row (column → text) with the check that looks at it."""

    row: Mapping[str, str]
    columns: Mapping[str, Column]
    standard: Standard
    check: Check

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the check."""
        return self.check.params

    @property
    def first(self) -> str:
        """The value of the first column."""
        return self.value(self.check.columns[0])

    def raw(self, column: str) -> str:
        """The text as sent; empty when absent."""
        return self.row.get(column, "").strip()

    def value(self, column: str) -> str:
        """The text that a check looks at: empty for the filler too."""
        raw = self.raw(column)
        return "" if raw == self.standard.settings["missing_value"] else raw

    def filled(self, column: str) -> bool:
        """Whether a mandatory check is content with it."""
        return bool(self.raw(column) if self.columns[column].dash_filled else self.value(column))

    def number(self, column: str) -> Decimal | None:
        """The number, None when it is none."""
        try:
            return Decimal(self.value(column))
        except InvalidOperation:
            return None

    def time(self, column: str) -> datetime | None:
        """The time (a date8 is its midnight), None when it is none."""
        text = self.value(column)
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            return None


def holds(row: ExampleRow, conditions: Mapping[str, Any]) -> bool:
    """Whether all conditions hold."""
    return all(_holds(row, column, condition) for column, condition in conditions.items())


def _holds(row: ExampleRow, column: str, condition: Any) -> bool:
    if column in MANY:
        each = [holds(row, part) for part in condition]
        return {"any": any(each), "all": all(each), "none": not any(each)}[column]
    return all(_CONDITIONS[operator](row, column, wanted) for operator, wanted in condition.items())


def _compares(compare: Callable[[Decimal, Decimal], bool]) -> Callable[[ExampleRow, str, Any], bool]:
    def holds(row: ExampleRow, column: str, wanted: Any) -> bool:
        number = row.number(column)
        return number is not None and compare(number, Decimal(str(wanted)))

    return holds


def _age_below(row: ExampleRow, column: str, wanted: Any) -> bool:
    years, at = wanted
    age = age_of(row, column, at)
    return age is not None and age < years


def _age_at_least(row: ExampleRow, column: str, wanted: Any) -> bool:
    years, at = wanted
    age = age_of(row, column, at)
    return age is not None and age >= years


def _days_at_most(row: ExampleRow, column: str, wanted: Any) -> bool:
    days, at = wanted
    born, then = row.time(column), row.time(at)
    return born is not None and then is not None and (then.date() - born.date()).days <= days


def _differs(row: ExampleRow, column: str, wanted: Any) -> bool:
    mine, other = row.value(column), row.value(wanted)
    return bool(mine and other) and mine != other


def _procedure(row: ExampleRow, column: str, wanted: Any) -> bool:
    entry = row.standard.procedures.get(row.value(column))
    return entry is not None and entry.fields["kind"] in wanted


_CONDITIONS: Mapping[str, Callable[[ExampleRow, str, Any], bool]] = {
    "in": lambda row, column, wanted: row.value(column) in wanted,
    "not_in": lambda row, column, wanted: row.value(column) not in ("", *wanted),  # no value, no statement
    "filled": lambda row, column, wanted: bool(row.value(column)) is wanted,
    "prefix": lambda row, column, wanted: row.value(column).startswith(tuple(wanted)),
    "above": _compares(lambda number, wanted: number > wanted),
    "below": _compares(lambda number, wanted: number < wanted),
    "at_least": _compares(lambda number, wanted: number >= wanted),
    "at_most": _compares(lambda number, wanted: number <= wanted),
    "age_below": _age_below,
    "age_at_least": _age_at_least,
    "days_at_most": _days_at_most,
    "matches": lambda row, column, wanted: bool(re.search(wanted, row.value(column))) and bool(row.value(column)),
    "differs": _differs,
    "procedure": _procedure,
}


def age_of(row: ExampleRow, birth: str, at: str) -> int | None:
    """Completed years between two columns; None when one is no time."""
    born, then = row.time(birth), row.time(at)
    if born is None or then is None:
        return None
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


def numeric(row: ExampleRow, term: Any) -> Decimal | None:
    """The value of a numeric term; None when a part of it is missing."""
    if isinstance(term, str):
        return row.number(term)
    if not isinstance(term, Mapping):
        return Decimal(str(term))
    if "lookup" in term:
        found = row.standard.settings[term["lookup"]].get(row.value(term["column"]))
        return None if found is None else Decimal(str(found))
    if "age_years" in term:
        age = age_of(row, *term["age_years"])
        return None if age is None else Decimal(age)
    if "sum_filled" in term:
        values = [(column, row.number(column)) for column in term["sum_filled"]]
        unread = any(number is None and row.value(column) for column, number in values)
        return None if unread else sum((number for _, number in values if number is not None), Decimal(0))
    if "infant_age" in term:
        born, then = (row.time(column) for column in term["infant_age"])
        return None if born is None or then is None else _infant_age(born, then, row.standard.settings["infant_age_is"])
    if "days" in term:
        start, end = (row.time(column) for column in term["days"])
        return None if start is None or end is None else Decimal((end.date() - start.date()).days)
    [(name, parts)] = term.items()
    numbers = [numeric(row, part) for part in (parts if isinstance(parts, tuple) else (parts,))]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    if name == "product":
        return _product(known)
    return {"sum": sum, "max": max, "abs": lambda one: abs(one[0])}[name](known)  # type: ignore[operator,no-any-return]


def _infant_age(born: datetime, then: datetime, unit: str) -> Decimal:
    if unit == "days":
        return Decimal((then.date() - born.date()).days)
    before = then.day < born.day
    months = (then.year - born.year) * 12 + then.month - born.month - before
    days = then.day - born.day + (MONTH_DAYS if before else 0)
    return Decimal(months) + Decimal(days) / MONTH_DAYS


def _product(numbers: list[Decimal]) -> Decimal:
    result = Decimal(1)
    for number in numbers:
        result *= number
    return result


def text_of(row: ExampleRow, term: Any) -> str:
    """The value of a text term; empty when a part of it is missing."""
    if isinstance(term, str):
        return row.value(term)
    [(name, argument)] = term.items()
    if name == "text":
        return str(argument)
    if name == "substr":
        column, start, length = argument
        part = row.value(column)[start : start + length]
        return part if len(part) == length else ""
    if name == "date8":
        time = row.time(argument)
        return f"{time:%Y%m%d}" if time else ""
    digit = row.value(argument)[16:17]
    return ("1" if int(digit) % 2 else "2") if digit.isdigit() else ""
