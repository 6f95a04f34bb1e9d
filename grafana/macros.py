"""What Grafana and the official data source make of a panel's SQL: variables, then macros.

Written after their documentation, to run every query of every board without either. Grafana puts the values of
variables in place (``${name:singlequote}``: each value in quotes, quotes within escaped; a variable's own value for
"all" is put as it is), then the plugin expands its macros to expressions of ClickHouse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)([a-zA-Z]\w*)")
_MACRO = re.compile(r"\$__(\w+)(?:\(([^()]*)\))?")


@dataclass(frozen=True, slots=True)
class All:
    """The choice "all" of a variable; ``sql``: its own value for it, which is put as it is."""

    sql: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What somebody looks at: the range of time, the width of a point, and what is chosen."""

    start: datetime
    end: datetime
    interval_s: int = 60
    chosen: Mapping[str, str | Sequence[str] | All] = field(default_factory=dict)


def expand(sql: str, seen: Dashboard) -> str:
    """The SQL that ClickHouse gets. Raises KeyError for a variable or a macro that there is not."""
    return _MACRO.sub(lambda found: _macro(found[1], found[2], seen), _VARIABLE.sub(
        lambda found: _variable(found[1] or found[3], found[2] or "", seen), sql
    ))  # fmt: skip


def variables_of(text: str) -> set[str]:
    """Names of the variables in a text; built-in ones (``__…``) and macros are not among them."""
    names = {found[1] or found[3] for found in _VARIABLE.finditer(text)}
    return {name for name in names if not name.startswith("__")}


def _variable(name: str, form: str, seen: Dashboard) -> str:
    value = seen.chosen[name]
    if isinstance(value, All):
        return value.sql
    values = [value] if isinstance(value, str) else list(value)
    if form == "singlequote":
        escaped = (one.replace("'", "\\'") for one in values)
        return ",".join(f"'{one}'" for one in escaped)
    if form in ("", "csv"):
        return ",".join(values)
    raise KeyError(f"format {form} of ${name}")


def _macro(name: str, argument: str | None, seen: Dashboard) -> str:
    start, end = (f"toDateTime({int(moment.timestamp())})" for moment in (seen.start, seen.end))
    column = argument or ""
    match name:
        case "fromTime":
            expanded = start
        case "toTime":
            expanded = end
        case "interval_s":
            expanded = str(seen.interval_s)
        case "timeFilter":
            return f"{column} >= {start} AND {column} <= {end}"
        case "timeInterval":
            return f"toStartOfInterval(toDateTime({column}), INTERVAL {seen.interval_s} second)"
        case _:
            raise KeyError(f"macro $__{name}")
    return expanded if argument is None else f"{expanded}({argument})"
