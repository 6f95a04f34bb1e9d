"""Multi-source check (indicator 7): the same quantity from several sources side by side; what institutions declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.reports import declare
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.charts import chart
from api.console.parts.figures import count, percent
from api.console.parts.files import export
from api.console.parts.grid import Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.parts.report import VERDICTS, columns, numbers, own
from api.console.routing import page
from api.console.words import SERIES, named

_PATH, _API = "/reports/sources", "/indicators/multi_source"
#: Differences in the chart when several institutions are shown.
_SHOWN = 12
SOURCES: Mapping[str, tuple[str, str]] = {
    "charges": ("收费明细", "charges"), "settlements": ("结算", "settlements"), "payments": ("支付方式", "payments"),
    "front_pages": ("病案首页", "front pages"), "records": ("就诊/出入院", "visits, admissions"),
    "declared": ("机构申报", "declared"),
}  # fmt: skip


@page(_PATH, "多数据源校验", "Multi-source check", right="indicators.read", group="reports", icon="compare_arrows")
async def sources(
    desk: Desk, month: str = "", org: str = "", city: str = "", county: str = "", level: str = "", type: str = "",
    sort: str = "",
) -> None:  # fmt: skip
    """Differences of a month."""
    bar = Bar(desk, _PATH, {
        "month": month, "org": org, "city": city, "county": county, "level": level, "type": type, "sort": sort,
    })  # fmt: skip
    bar.month()
    known = await orgs.names(desk)
    bar.org(known)
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        export(desk, _API, bar.query)
    figures = ui.element("div").classes("sj-wide")
    with card(desk.say("差异", "Differences")) as made:
        picture = ui.element("div").classes("sj-wide")
    with card(desk.say("按机构和项目", "By institution and quantity"),
              "" if desk.me.org else desk.say("点击一行只看该机构", "click a row for this one only")):  # fmt: skip
        place = ui.element("div")
    declared = ui.element("div").classes("sj-wide")

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(_API, limit=limit, offset=offset, **bar.query())
        return [_whole(row) for row in said["rows"]], said["total"]

    async def open_row(row: Row) -> None:
        await bar.choose(org=row["org"])

    first = await desk.get(_API, limit=1, **bar.query())
    with place:
        grid = Grid(
            desk, columns(desk, first["columns"], first["rows"], without=("month", *own(desk)), sort=True), load,
            lambda: empty(desk, "这个月没有可比较的数据", "Nothing to compare in this month",
                          "换一个月份，或先申报", "Choose another month, or declare figures"),
            open_row, bar=bar,
        )  # fmt: skip

    async def refresh() -> None:
        await grid.refresh()
        one = bool(desk.me.org or bar.values["org"])
        asked = {**bar.query(), "sort": "" if one else "-relative", "limit": _SHOWN}
        said = await desk.get(_API, **asked)
        figures.clear()
        with figures:
            _figures(desk, said["totals"])
        made.set_visibility(bool(said["rows"]))
        picture.clear()
        with picture:
            (_side_by_side if one else _differences)(desk, said["rows"])
        declared.clear()
        with declared:
            await declare.show(desk, bar.values["month"], bar.values["org"], known, bar.again)

    bar.on_change(refresh)
    later(desk, bar.show)


def _whole(row: Row) -> Row:
    """People are counted in whole numbers."""
    if not row["quantity"].endswith(("_visits", "_admissions")):
        return row
    return row | {name: count(float(row[name])) for name in (*SOURCES, "difference") if row[name] is not None}


def _figures(desk: Desk, totals: dict[str, Any]) -> None:
    if any(totals.values()):
        numbers(
            (named(VERDICTS, name, desk.lang), count(totals[name]), VERDICTS[name].sign, VERDICTS[name].colour)
            for name in VERDICTS
        )


def _differences(desk: Desk, rows: list[Row]) -> None:
    """The greatest differences of all institutions, with the tolerance as a line."""
    rows = [row for row in rows if row["relative"] is not None][::-1]
    if not rows:
        empty(desk, "没有可比较的来源", "There is nothing to compare")
        return
    values = [
        {"value": round(row["relative"] * 100, 2), "itemStyle": {"color": VERDICTS[row["verdict"]].colour}}
        for row in rows
    ]
    tolerance = {"silent": True, "symbol": "none", "lineStyle": {"color": "#1d2a33", "type": "dashed"},
                 "label": {"formatter": desk.say("允许 ", "tolerance ") + percent(rows[-1]["tolerance"])},
                 "data": [{"xAxis": rows[-1]["tolerance"] * 100}]}  # fmt: skip
    chart(
        {
            "grid": {"left": 4, "right": 70, "top": 26, "bottom": 4, "containLabel": True},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "{value}%"}},
            "yAxis": {"type": "category", "axisTick": {"show": False},
                      "data": [f"{row['name'] or row['org']} · {desk.told(row, 'quantity')}" for row in rows]},
            "series": [{"type": "bar", "data": values, "barMaxWidth": 16, "markLine": tolerance,
                        "label": {"show": True, "position": "right", "formatter": "{c}%"}}],
        },
        desk.say("差异率最大的机构和项目", "The institutions and quantities that differ most"), 50 + 28 * len(rows),
    )  # fmt: skip


def _side_by_side(desk: Desk, rows: list[Row]) -> None:
    """One institution: every source of each quantity beside the others. Amounts and numbers of people are of different
    sizes, so each quantity is shown as its part of the greatest source."""
    if not rows:
        empty(desk, "没有可比较的来源", "There is nothing to compare")
        return
    series = [
        {"name": desk.say(*words), "type": "bar", "itemStyle": {"color": SERIES[place]}, "barMaxWidth": 22,
         "data": [_part(row, source) for row in rows]}
        for place, (source, words) in enumerate(SOURCES.items())
        if any(row[source] is not None for row in rows)
    ]  # fmt: skip
    chart(
        {
            "legend": {"top": 0},
            "xAxis": {"type": "category", "data": [
                f"{desk.told(row, 'quantity')} {VERDICTS[row['verdict']].sign}" for row in rows
            ], "axisLabel": {"interval": 0, "fontSize": 11, "width": 110, "overflow": "break"}},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "{value}%"}},
            "series": series,
        },
        desk.say("各来源占最大来源的比例", "Each source as a part of the greatest one"), 300,
    )  # fmt: skip


def _part(row: Row, source: str) -> float | None:
    greatest = max((abs(float(row[name])) for name in SOURCES if row[name] is not None), default=0.0)
    if row[source] is None or not greatest:
        return None
    return round(float(row[source]) / greatest * 100, 2)
