"""Cells to values: each function makes a reader of cells, which raises Wrong for what it cannot take.

A reader gets what stands in the cell, never empty. Codes are text and nothing else: a number has already lost leading
zeros, and from the sixteenth digit on everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from api.imports.problems import Wrong
from api.sheets.reading import Value
from clickhouse.client import SHANGHAI

Reader = Callable[[Value], object]

_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?")
_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("是", "有", "1", "1.0", "y", "yes", "true", "√", "✓"), True),
    **dict.fromkeys(("否", "无", "没有", "0", "0.0", "n", "no", "false", "×", "✗"), False),
}
#: A whole number up to here is exact in Excel.
_EXACT = 10**15


def code(pattern: str, zh: str, en: str) -> Reader:
    """A code that has to match ``pattern``; ``zh`` and ``en`` say its shape."""
    shape = re.compile(pattern)

    def read(value: Value) -> str:
        if isinstance(value, bool | int | float):
            raise Wrong("number_as_code")
        if isinstance(value, date | time):
            raise Wrong("date_as_code")
        text = _text(value)
        if not shape.fullmatch(text):
            raise Wrong("rounded_code") if _SCIENTIFIC.fullmatch(text) else Wrong("pattern", zh=zh, en=en)
        return text

    return read


def text(limit: int) -> Reader:
    """Text of at most ``limit`` characters; a whole number, for instance a telephone number, is taken as its digits."""

    def read(value: Value) -> str:
        if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
            value = int(value)
        found = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
        if len(found) > limit:
            raise Wrong("too_long", limit=limit)
        return found

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number within the range, both ends included."""

    def read(value: Value) -> int:
        number = decimal(value)
        if number != number.to_integral_value():
            raise Wrong("not_whole")
        _within(number, least, most)
        return int(number)

    return read


def figure(least: float, most: float) -> Reader:
    """A number within the range; ``5%`` is 0.05."""

    def read(value: Value) -> float:
        number = decimal(value)
        _within(number, least, most)
        return float(number)

    return read


def money(most: int) -> Reader:
    """An amount from 0 to ``most`` with at most four decimals (what is stored), exact."""

    def read(value: Value) -> Decimal:
        number = decimal(value)
        _within(number, 0, most)
        return round(number, 4)

    return read


def flag(value: Value) -> bool:
    """Yes or no as people write it."""
    found = _FLAGS.get(str(value).strip().lower())
    if found is None:
        raise Wrong("not_a_flag")
    return found


def day(value: Value) -> date:
    """A date: a cell with a date, or 2026-11-21, 2026/11/21, 20261121, 2026年11月21日."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    parts = _DAY.fullmatch(found)
    try:
        if parts:
            return date(*(int(part) for part in parts.groups()))
        if re.fullmatch(r"\d{8}", found):
            return date(int(found[:4]), int(found[4:6]), int(found[6:]))
    except ValueError:
        pass
    raise Wrong("not_a_date")


def moment(value: Value) -> datetime:
    """A time, zoned: what says no zone is Shanghai's."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
    if isinstance(value, date):
        return datetime.combine(value, time(), SHANGHAI)
    found = str(value).replace("T", " ")
    parts = re.fullmatch(r"(.+?)\s+(\d{1,2}):(\d{2})(?::(\d{2}))?", found)
    try:
        if parts:
            hour, minute, second = (int(part or 0) for part in parts.groups()[1:])
            return datetime.combine(day(parts[1]), time(hour, minute, second), SHANGHAI)
        if re.search(r"(Z|[+-]\d\d:\d\d)$", found):
            return datetime.fromisoformat(str(value)).astimezone(SHANGHAI)
        return datetime.combine(day(found), time(), SHANGHAI)
    except (ValueError, Wrong):
        pass
    raise Wrong("not_a_time")


def month(value: Value) -> date:
    """The first day of a month: 2026-11, 202611, 2026年11月, or any date within it (Excel makes dates of months)."""
    if isinstance(value, date):
        return date(value.year, value.month, 1)
    parts = _MONTH.fullmatch(str(value))
    try:
        return date(int(parts[1]), int(parts[2]), 1) if parts else day(value).replace(day=1)
    except (ValueError, Wrong):
        raise Wrong("not_a_month") from None


def choice(choices: Mapping[str, object]) -> Reader:
    """One of ``choices`` (in lower case) to its value; the problem names them."""
    shown = "、".join(choices)

    def read(value: Value) -> object:
        found = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if found.lower() not in choices:
            raise Wrong("not_a_choice", choices=shown)
        return choices[found.lower()]

    return read


def decimal(value: Value) -> Decimal:
    """A number as it was written: ``1,234.50`` and ``5%`` too. A binary fraction of Excel's is its shortest decimal."""
    if isinstance(value, bool | date | time):
        raise Wrong("not_a_number")
    found = str(value).replace(",", "").replace("，", "").removeprefix("￥").removeprefix("¥").strip()
    percent = found.endswith(("%", "％"))
    try:
        number = Decimal(found.rstrip("%％"))
    except InvalidOperation:
        raise Wrong("not_a_number") from None
    if not number.is_finite():
        raise Wrong("not_a_number")
    return number / 100 if percent else number


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise Wrong("not_text")
    return value


def _within(number: Decimal, least: float, most: float) -> None:
    if not least <= number <= most:
        raise Wrong("range", least=least, most=most)
