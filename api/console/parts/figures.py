"""Figures as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from api.wire import SHANGHAI

#: What stands where there is no figure.
NOTHING = "–"


def count(value: Any) -> str:
    """A whole number with separators."""
    return NOTHING if value is None else f"{int(value):,}"


def percent(value: Any, digits: int = 2) -> str:
    """A fraction as per cent."""
    return NOTHING if value is None else f"{float(value) * 100:.{digits}f}%"


def money(value: Any) -> str:
    """An amount, with separators and two decimals."""
    if value is None or value == "":
        return NOTHING
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def moment(value: Any, *, seconds: bool = False) -> str:
    """A time in Shanghai, without its zone."""
    if not value:
        return NOTHING
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%m-%d %H:%M")


def figure(value: Any, kind: str) -> str:
    """A value of a column of this kind (``api.models_indicators.FigureColumn``)."""
    if value is None:
        return NOTHING
    match kind:
        case "int":
            return count(value)
        case "percent":
            return percent(value)
        case "money":
            return money(value)
        case "time":
            return moment(value)
        case "second":
            return moment(value, seconds=True)
        case "number":
            return f"{float(value):,.2f}"
        case _:
            return str(value)
