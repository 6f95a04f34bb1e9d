"""Check report (indicator 2): quantities and rates by month, institution and table; the trend; which rules; every
finding."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.reports import check_charts
from api.console.pages.reports.drill import drill
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.figures import count, percent
from api.console.parts.files import export
from api.console.parts.grid import Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.parts.report import columns, numbers, own, year_ends
from api.console.parts.standard import chosen_tables
from api.console.routing import page
from api.console.words import ACCEPTED, FLAGGED, REJECTED, SEVERITIES, named

_PATH = "/reports/check"
#: Rules in the chart; the rest is in the export and behind each row.
_RULES = 10


@page(_PATH, "数据检查报告", "Check report", right="indicators.read", group="reports", icon="fact_check")
async def check_report(
    desk: Desk, month: str = "", by: str = "", org: str = "", table: str = "", severity: str = "", city: str = "",
    county: str = "", level: str = "", type: str = "", step: str = "", sort: str = "",
) -> None:  # fmt: skip
    """The report of a month."""
    bar = Bar(desk, _PATH, {
        "month": month, "by": by, "org": org, "table": table, "severity": severity, "city": city, "county": county,
        "level": level, "type": type, "step": step, "sort": sort,
    })  # fmt: skip
    await _fields(desk, bar)
    figures = ui.element("div").classes("sj-wide")
    with ui.element("div").classes("sj-row"):
        with card(desk.say("走势", "Trend"), desk.say("所选机构合计", "all chosen institutions")):
            trend = ui.element("div").classes("sj-wide")
        with card(
            desk.say("违反的规则", "Rules violated"), desk.say(f"最多的 {_RULES} 条", f"the {_RULES} violated most")
        ):
            rules = ui.element("div").classes("sj-wide")
    with card(desk.say("按机构和表", "By institution and table"),
              desk.say("点击一行查看违反的规则和明细", "click a row for its rules and rows")):  # fmt: skip
        place = ui.element("div")
    totals: dict[str, Any] = {}

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/indicators/check_report", limit=limit, offset=offset, **bar.query())
        totals.update(said["totals"])
        return said["rows"], said["total"]

    async def open_row(row: Row) -> None:
        await drill(desk, row, bar.query())

    first = await desk.get("/indicators/check_report", limit=1, **bar.query())
    with place:
        grid = Grid(
            desk, columns(desk, first["columns"], first["rows"], without=("month", *own(desk)), sort=True), load,
            lambda: empty(desk, "这个月没有数据", "Nothing came in this month", "换一个月份，或查看上传日历",
                          "Choose another month, or see the upload calendar"),
            open_row, totals=lambda: totals, bar=bar,
        )  # fmt: skip

    async def refresh() -> None:
        await grid.refresh()
        figures.clear()
        with figures:
            _figures(desk, totals)
        await _charts(desk, bar, trend, rules)

    bar.on_change(refresh)
    later(desk, bar.show)


async def _fields(desk: Desk, bar: Bar) -> None:
    bar.month()
    bar.select("by", desk.say("日期按", "Days by"), {
        "": desk.say("业务日期", "business day"), "arrival": desk.say("到达日期", "day of arrival"),
    })  # fmt: skip
    bar.org(await orgs.names(desk))
    bar.select("table", desk.say("表", "Table"), await chosen_tables(desk), search=True)
    bar.select("severity", desk.say("规则级别", "Severity of rules"), {
        "": desk.say("全部", "all"), **{name: named(SEVERITIES, name, desk.lang) for name in ("error", "warning")},
    })  # fmt: skip
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        export(desk, "/indicators/check_report", bar.query, desk.say("导出报告", "Export the report"))
        export(desk, "/indicators/check_report/findings", bar.query, desk.say("导出明细", "Export every finding"))


def _figures(desk: Desk, totals: dict[str, Any]) -> None:
    if not totals.get("received"):
        return
    standing = totals.get("standing")
    numbers([
        (desk.say("接收", "Received"), count(totals["received"]), "", ""),
        (desk.say("入库", "Accepted"), count(totals["accepted"]), "", ACCEPTED),
        (desk.say("拒收", "Rejected"), count(totals["rejected"]), percent(totals["rejection_rate"]), REJECTED),
        (desk.say("有警告", "Flagged"), count(totals["flagged"]), "", FLAGGED),
        (desk.say("异常率", "Anomaly rate"), percent(totals["anomaly_rate"]),
         desk.say("拒收 + 警告", "rejected + flagged"), FLAGGED),
        (desk.say("拒收未改正", "Not mended"), count(standing),
         "" if standing is not None else desk.say("按到达日期不计", "not by arrival"), REJECTED),
        (desk.say("无法读取", "Unreadable"), count(totals["unreadable"]), "", ""),
    ])  # fmt: skip


async def _charts(desk: Desk, bar: Bar, trend: ui.element, rules: ui.element) -> None:
    asked = bar.query()
    month, monthly = asked.pop("month"), bar.values["step"] == "month"
    ends = year_ends(month) if monthly else None
    period: dict[str, object] = {"from_": ends[0], "to": ends[1], "step": "month"} if ends else {"month": month}
    found = await desk.get("/indicators/check_report/trend", limit=1000, **{**asked, "step": "day", **period})
    listed = await desk.get("/indicators/check_report/rules", limit=_RULES, **bar.query())
    trend.clear()
    with trend:
        with ui.row().classes("sj-over"):
            ui.toggle(
                {"": desk.say("按天", "by day"), "month": desk.say("近一年按月", "a year by month")},
                value=bar.values["step"], on_change=lambda event: bar.choose(step=event.value or ""),
            ).props("dense no-caps unelevated toggle-color=primary color=white text-color=primary size=sm")  # fmt: skip
        check_charts.trend(desk, month, found["rows"], monthly=monthly)
    rules.clear()
    with rules:
        check_charts.rules(desk, listed["rows"])
