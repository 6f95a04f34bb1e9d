"""Terms and conditions of the rule vocabulary as ClickHouse SQL over the columns of one row.

The meaning is that of ``streams.rules.terms``: a value is there when it is neither empty nor the filler "-"; a
condition on a value that is not there does not hold. Nothing here comes from outside: tables, columns and constants are
the standard's, and constants are quoted by :func:`quoted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from standard.model import Column, Table

DASH = "-"


def quoted(text: str) -> str:
    """A text as an SQL constant."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def texts(values: Iterable[str]) -> str:
    """Texts as the right side of IN."""
    return "(" + ", ".join(quoted(str(value)) for value in values) + ")"


def array(values: Iterable[str]) -> str:
    """Texts as an array constant."""
    return "[" + ", ".join(quoted(str(value)) for value in values) + "]"


def name(column: str) -> str:
    """A column of the standard as ClickHouse names it."""
    return f"`{column.lower()}`"


def all_of(parts: Iterable[str]) -> str:
    """All conditions hold; without any, true."""
    return " AND ".join(f"({part})" for part in parts) or "1"


def any_of(parts: Iterable[str]) -> str:
    """At least one condition holds; without any, false."""
    return " OR ".join(f"({part})" for part in parts) or "0"


def known(condition: str) -> str:
    """A condition without nulls: what cannot be told does not hold."""
    return f"ifNull({condition}, 0)"


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of one row of ``table``. ``raw`` gives the SQL of a column's stored value."""

    table: Table
    raw: Callable[[str], str]

    def column(self, column: str) -> Column:
        """Its description."""
        return self.table.by_name[column]

    def is_text(self, column: str) -> bool:
        """Whether it is stored as text (dates of 8 digits are)."""
        return self.column(column).type in ("text", "date8")

    def filled(self, column: str) -> str:
        """Whether there is a value."""
        if self.is_text(column):
            return f"{self.raw(column)} NOT IN ('', '{DASH}')"
        return f"isNotNull({self.raw(column)})"

    def shown(self, column: str) -> str:
        """The value as text, empty when there is none."""
        return self.raw(column) if self.is_text(column) else f"ifNull(toString({self.raw(column)}), '')"

    def number(self, column: str) -> str:
        """The number in a number or text column; null when there is none."""
        if self.column(column).type == "number":
            return self.raw(column)
        return f"toDecimal64OrNull({self.raw(column)}, 4)"

    def moment(self, column: str) -> str:
        """The time of a column; a date of 8 digits is its midnight. Null when there is none."""
        if self.column(column).type == "timestamp":
            return self.raw(column)
        return f"toDateTime64({self.day(column)}, 3, 'Asia/Shanghai')"

    def day(self, column: str) -> str:
        """The calendar day of a column as Date32; null when there is none."""
        if self.column(column).type == "timestamp":
            return f"toDate32({self.raw(column)})"
        value = self.raw(column)
        dashed = f"concat(substring({value}, 1, 4), '-', substring({value}, 5, 2), '-', substring({value}, 7, 2))"
        return f"if(length({value}) = 8, toDate32OrNull({dashed}), NULL)"

    def code(self, column: str) -> str:
        """The standard code: of a mapped column the one that it was mapped to, empty when there is none."""
        if self.column(column).maps:
            return self.raw(f"{column}_std")
        return self.raw(column)


def own(table: Table, alias: str = "o") -> Row:
    """The row that is checked."""
    return Row(table, lambda column: f"{alias}.{name(column)}")


def plain(table: Table) -> Row:
    """A row inside a look-up, where only its own table's columns are there."""
    return Row(table, name)


def age_years(birth: str, at: str) -> str:
    """Whole years between two days."""
    before_birthday = f"(toMonth({at}) * 31 + toDayOfMonth({at}) < toMonth({birth}) * 31 + toDayOfMonth({birth}))"
    return f"(toYear({at}) - toYear({birth}) - {before_birthday})"


def conditions(wanted: Mapping[str, Mapping[str, Any]], row: Row, at: Row | None = None) -> str:
    """All conditions on ``row``, without nulls. The time at which an age is meant is a column of ``at``."""
    parts = [
        known(_condition(column, op, value, row, at or row))
        for column, ops in wanted.items()
        for op, value in ops.items()
    ]
    return all_of(parts)


_COMPARE = {"above": ">", "below": "<", "at_least": ">=", "at_most": "<="}


def _condition(column: str, op: str, value: Any, row: Row, at: Row) -> str:
    if op == "filled":
        return row.filled(column) if value else f"NOT ({row.filled(column)})"
    if op in ("in", "not_in"):
        place = "IN" if op == "in" else "NOT IN"
        return f"{row.filled(column)} AND {row.shown(column)} {place} {texts(value)}"
    if op == "prefix":
        starts = any_of(f"startsWith({row.raw(column)}, {quoted(part)})" for part in value)
        return f"{row.filled(column)} AND ({starts})"
    if op in ("age_below", "age_at_least"):
        years, moment = value
        sign = "<" if op == "age_below" else ">="
        return f"{age_years(row.day(column), at.day(moment))} {sign} {int(years)}"
    return f"{row.number(column)} {_COMPARE[op]} {float(value)!r}"
