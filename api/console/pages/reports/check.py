"""Check report (indicator 2): quantities and rates by month, institution and table; which rules; every finding."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.charts import chart
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid
from api.console.parts.notes import act, card
from api.console.routing import page
from api.console.words import ACCEPTED, FLAGGED, REJECTED

_PATH = "/reports/check"


@page(_PATH, "数据检查报告", "Check report", right="indicators.read", group="reports", icon="fact_check")
async def check_report(desk: Desk, month: str = "", org: str = "", table: str = "") -> None:
    """The report of a month."""
    bar = Bar(desk, _PATH, {"month": month, "org": org, "table": table})
    bar.month()
    bar.org(await orgs.names(desk))
    with bar.row:
        ui.space()
        export(desk, "/indicators/check_report", bar.query)
    with card(desk.say("各规则违反次数", "Violations by rule"), desk.say("多的在前", "most first")):
        picture = ui.element("div").classes("sj-wide")
    with card(desk.say("按机构和表", "By institution and table")):
        place = ui.element("div")

    async def load(limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        said = await desk.get("/indicators/check_report", limit=limit, offset=offset, **bar.query())
        return said["rows"], said["total"]

    first = await desk.get("/indicators/check_report", limit=1, **bar.query())
    columns = [Col(one["name"], one["zh"], one["en"], one["kind"]) for one in first["columns"]]
    with place:
        grid = Grid(desk, columns, load)

    async def refresh() -> None:
        rules = (await desk.get("/indicators/check_report/rules", limit=10, **bar.query()))["rows"]
        picture.clear()
        with picture:
            _rules(desk, rules)
        await grid.refresh()

    bar.on_change(refresh)
    await act(desk, refresh)()


def _rules(desk: Desk, rules: list[dict[str, Any]]) -> None:
    names = [desk.told(row, "rule") for row in rules][::-1]
    colours = {"error": REJECTED, "warning": FLAGGED}
    values = [{"value": row["findings"], "itemStyle": {"color": colours.get(row["severity"], ACCEPTED)}}
              for row in rules][::-1]  # fmt: skip
    axis = {"type": "category", "data": names, "axisLabel": {"width": 360, "overflow": "truncate"}}
    chart(
        {"xAxis": {"type": "value"}, "yAxis": axis,
         "series": [{"type": "bar", "data": values, "label": {"show": True, "position": "right"}}]},
        desk.say("违反次数最多的规则", "The rules violated most"), 40 + 26 * max(1, len(rules)),
    )  # fmt: skip
