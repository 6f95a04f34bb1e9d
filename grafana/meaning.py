"""What colours and words mean on the boards: those of the console, so that nobody learns two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.parts.levels import TYPES
from api.console.words import ACCEPTED, CASE_STATES, FLAGGED, KINDS, NEUTRAL, REJECTED, SERIES, SEVERITIES, STATES
from api.indicators.names import CARE, MAPS, VERDICTS
from clickhouse.declarations import QUANTITIES
from grafana.standards import standard

GOOD, WARN, BAD, PLAIN = "#009E73", FLAGGED, REJECTED, NEUTRAL
MAIN = ACCEPTED
COLOURS = SERIES

#: A state's number on a time line; the worst one is the greatest, so a maximum is the worst of several.
STATE_NUMBERS: Mapping[str, int] = {
    "not_expected": 0,
    "empty": 1,
    "received": 2,
    "pending": 3,
    "late": 4,
    "partial": 5,
    "unknown": 6,
    "missing": 7,
}
_VERDICT_COLOURS = {"ok": GOOD, "differs": BAD, "missing": WARN}


def words(texts: Mapping[str, str], colours: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """A value mapping: what stands in the place of each value, and in which colour."""
    colours = colours or {}
    options = {
        value: {"index": index, "text": text} | ({"color": colours[value]} if value in colours else {})
        for index, (value, text) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


def state_numbers() -> list[dict[str, Any]]:
    """States of a day as numbers."""
    texts = {str(number): STATES[state].zh for state, number in STATE_NUMBERS.items()}
    return words(texts, {str(number): _shown(STATES[state].colour) for state, number in STATE_NUMBERS.items()})


def states() -> list[dict[str, Any]]:
    """States of a day."""
    return words({name: look.zh for name, look in STATES.items()}, {n: _shown(o.colour) for n, o in STATES.items()})


def severities() -> list[dict[str, Any]]:
    """How grave a finding or a case is."""
    return words({name: look.zh for name, look in SEVERITIES.items()}, {n: o.colour for n, o in SEVERITIES.items()})


def case_states() -> list[dict[str, Any]]:
    """States of a case."""
    return words({name: look.zh for name, look in CASE_STATES.items()}, {n: o.colour for n, o in CASE_STATES.items()})


def kinds() -> list[dict[str, Any]]:
    """Kinds of cases."""
    return words({name: zh for name, (zh, _) in KINDS.items()})


def tables() -> list[dict[str, Any]]:
    """Tables of the standard; empty: what could not be read so far."""
    return words({name: f"{table.name_zh} {name}" for name, table in standard().tables.items()} | {"": "无法识别"})


def rules(*, store: bool = False) -> list[dict[str, Any]]:
    """What each rule says; ``store``: of those only that look at other rows."""
    known = sorted(standard().rules.items())
    return words({rule: f"{rule} {found.zh}" for (_, rule), found in known if found.store or not store})


def maps() -> list[dict[str, Any]]:
    """Kinds of code maps."""
    return words({name: zh for name, (zh, _) in MAPS.items()})


def care() -> list[dict[str, Any]]:
    """Outpatient and inpatient."""
    return words({name: zh for name, (zh, _) in CARE.items()})


def fees() -> list[dict[str, Any]]:
    """Fee categories; empty: not mapped."""
    return words({code: entry.name for code, entry in standard().catalogues["fee"].items()} | {"": "未对码"})


def quantities() -> list[dict[str, Any]]:
    """What several sources are compared for."""
    return words({name: quantity.zh for name, quantity in QUANTITIES.items()})


def verdicts() -> list[dict[str, Any]]:
    """How a comparison came out."""
    return words({name: zh for name, (zh, _) in VERDICTS.items()}, _VERDICT_COLOURS)


def types() -> Mapping[str, str]:
    """Types of institutions."""
    return {name: zh for name, (zh, _) in TYPES.items()}


def _shown(colour: str) -> str:
    # white on a white page is no cell at all
    return "#c9d1d6" if colour == "#ffffff" else colour
