"""Reports: the columns that an indicator's answer brings along, as a table on a page shows them.

A file has a column for a code and one for its name; on a page the code stands smaller below the name. What is the same
in every row (the month that was chosen) is left out, long headings are shortened, severities and verdicts get a look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.grid import Col, Row
from api.console.words import SEVERITIES, Look
from api.indicators.filters import month_days

MONTHS_OF_YEAR = 12

#: Column of a file → the column of its code.
_CODES: Mapping[str, str] = {
    "name": "org", "table_zh": "table", "rule_zh": "rule_id", "column_zh": "column", "code_zh": "code",
    "local_name": "code",
}  # fmt: skip
#: Headings that are too long, or say "(Chinese)".
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "name": ("机构", "institution"), "table_zh": ("表", "table"), "rule_zh": ("规则", "rule"),
    "column_zh": ("列", "column"), "fix_zh": ("改正办法", "what to do"), "code_zh": ("费用类别", "fee category"),
    "quantity_zh": ("项目", "quantity"), "anomalies": ("异常", "anomalous"), "standing": ("未改正", "not mended"),
    "value": ("值", "value"), "row_key": ("主键", "row key"),
}  # fmt: skip
#: Figures with more characters are written smaller.
_WIDE = 10
VERDICTS: Mapping[str, Look] = {
    "ok": Look("一致", "ok", "#009E73", "#ffffff", "✓"),
    "differs": Look("不一致", "differs", "#D55E00", "#ffffff", "≠"),
    "missing": Look("缺来源", "a source is missing", "#E69F00", "#1b1b1b", "?"),
}
OUTCOMES: Mapping[str, Look] = {
    "accepted": Look("入库", "accepted", "#0072B2", "#ffffff", "✓"),
    "rejected": Look("拒收", "rejected", "#D55E00", "#ffffff", "✕"),
}
_LOOKS: Mapping[str, tuple[str, Mapping[str, Look]]] = {
    "severity_zh": ("severity", SEVERITIES), "verdict_zh": ("verdict", VERDICTS), "outcome_zh": ("outcome", OUTCOMES),
}  # fmt: skip
_LONG = frozenset({"rule_zh", "fix_zh", "columns_zh"})


def columns(
    desk: Desk, given: Iterable[Mapping[str, str]], rows: Collection[Row] = (), *, without: Collection[str] = (),
    sort: bool = False,
) -> list[Col]:  # fmt: skip
    """The columns of an answer (``said["columns"]``). ``rows``: some of its rows, which tell whether names are there in
    this page's language; ``without``: columns that are not to be shown; ``sort``: the answer can be sorted by them."""
    listed = [one for one in given if one["name"] not in without]
    names = {one["name"] for one in listed}
    below = {code for name, code in _CODES.items() if name in names}
    return [_column(desk, one, rows, sort) for one in listed if one["name"] not in below]


def _column(desk: Desk, one: Mapping[str, str], rows: Collection[Row], sort: bool) -> Col:
    name = one["name"]
    zh, en = _HEADINGS.get(name, (one["zh"], one["en"]))
    if name in _LOOKS:
        field, looks = _LOOKS[name]
        return Col(field, zh, en, looks=looks, sort=sort)
    shown, code = _field(desk, name, rows), _CODES.get(name, "")
    return Col(shown, zh, en, one["kind"], wrap=name in _LONG, under=code if code != shown else "", sort=sort)


def _field(desk: Desk, name: str, rows: Collection[Row]) -> str:
    """The field of a name in this page's language; its code where the rows have no such name."""
    if desk.lang == "zh" or not name.endswith("_zh"):
        return name
    own = f"{name.removesuffix('_zh')}_en"
    first: Row = next(iter(rows), {own: ""})
    return own if own in first else _CODES.get(name, name)


def numbers(given: Iterable[tuple[str, str, str, str]]) -> None:
    """Figures beside each other: name, figure, a quieter line, colour of the edge (empty: none)."""
    with ui.element("div").classes("sj-numbers"):
        for name, text, more, colour in given:
            small = " sj-number-small" if len(text) > _WIDE else ""
            with ui.element("div").classes(f"sj-number{small}").style(f"border-top-color:{colour}" if colour else ""):
                ui.label(name).classes("sj-number-name")
                ui.label(text).classes("sj-number-text")
                if more:
                    ui.label(more).classes("sj-muted")


def month_ends(month: str) -> tuple[str, str]:
    """First and last day of a month like 2026-11, for the filters from and to."""
    first, last = month_days(month)
    return first.isoformat(), last.isoformat()


def year_ends(month: str) -> tuple[str, str]:
    """First day of the month eleven months before, last day of the month: a year of months."""
    year, number = int(month[:4]), int(month[5:])
    begins = (year - 1, number + 1) if number < MONTHS_OF_YEAR else (year, 1)
    return f"{begins[0]:04d}-{begins[1]:02d}-01", month_ends(month)[1]


def days_of(month: str) -> list[str]:
    """Every day of a month, so that a chart shows the days on which nothing came."""
    first, last = month_days(month)
    return [f"{month}-{day:02d}" for day in range(first.day, last.day + 1)]


def months_of(month: str) -> list[str]:
    """The twelve months up to this one."""
    whole = int(month[:4]) * MONTHS_OF_YEAR + int(month[5:]) - 1
    return [f"{at // MONTHS_OF_YEAR:04d}-{at % MONTHS_OF_YEAR + 1:02d}" for at in range(whole - 11, whole + 1)]


def begun(places: list[str], known: Collection[str]) -> list[str]:
    """The months from the first one that there is anything of, three at least: what is new has no empty year before
    it."""
    first = next((at for at, place in enumerate(places) if place in known), 0)
    return places[min(first, len(places) - 3) :]


def own(desk: Desk) -> tuple[str, ...]:
    """The columns that say nothing to somebody who sees one institution only."""
    return ("name", "org") if desk.me.org else ()


def share(part: Any, whole: Any) -> float | None:
    """A fraction; None when there is nothing to make it from."""
    return float(part) / float(whole) if whole and float(whole) else None
