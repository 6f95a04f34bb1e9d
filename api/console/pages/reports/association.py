"""Association (indicator 3): rows whose patient, visit or other parent is not there, and other rules across rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.charts import chart
from api.console.parts.figures import count, percent
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import act, card, empty
from api.console.parts.report import columns, numbers, own
from api.console.parts.standard import chosen_tables
from api.console.routing import page
from api.console.words import FLAGGED, REJECTED

_PATH = "/reports/association"
#: References in the chart.
_SHOWN = 10
#: Kinds of rules that look at several rows (standard/model.py).
_KINDS = {
    "": ("上级记录是否存在", "parents that are not there"), "all": ("全部跨行规则", "every rule across rows"),
    "cross_table": ("跨表一致", "tables agree"), "sum_store": ("金额合计", "sums of amounts"),
    "unique_store": ("主键唯一", "unique keys"), "duplicate": ("疑似重复", "duplicates"),
    "refund_store": ("退费", "refunds"), "cross_record": ("同一就诊的记录", "records of one visit"),
    "volume": ("数量", "quantities"), "sex_store": ("诊断与性别", "diagnosis and sex"),
    "age_store": ("诊断与年龄", "diagnosis and age"),
}  # fmt: skip


@page(_PATH, "数据关联性检验", "Association", right="indicators.read", group="reports", icon="account_tree")
async def association(
    desk: Desk, month: str = "", org: str = "", table: str = "", kind: str = "", rule_id: str = "", city: str = "",
    county: str = "", level: str = "", type: str = "", sort: str = "",
) -> None:  # fmt: skip
    """The references of a month, the worst first in the chart; the rows that failed below."""
    bar = Bar(desk, _PATH, {
        "month": month, "org": org, "table": table, "kind": kind, "rule_id": rule_id, "city": city, "county": county,
        "level": level, "type": type, "sort": sort,
    })  # fmt: skip
    bar.month()
    bar.org(await orgs.names(desk))
    bar.select("table", desk.say("表", "Table"), await chosen_tables(desk), search=True)
    bar.select("kind", desk.say("规则", "Rules"), {name: desk.say(*words) for name, words in _KINDS.items()})
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        export(desk, "/indicators/association", bar.query, desk.say("导出报告", "Export the report"))
        export(desk, "/indicators/association/rows", bar.query, desk.say("导出明细", "Export the rows"))
    figures = ui.element("div").classes("sj-wide")
    with card(desk.say("不通过最多的关联", "References that fail most"),
              desk.say("事后补齐的不算", "what was sent later does not count")):  # fmt: skip
        picture = ui.element("div").classes("sj-wide")
    with card(desk.say("按机构、表和规则", "By institution, table and rule"),
              desk.say("点击一行查看不通过的记录", "click a row to see what failed")):  # fmt: skip
        place = ui.element("div")
    below = ui.element("div").classes("sj-wide")
    totals: dict[str, Any] = {}

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/indicators/association", limit=limit, offset=offset, **bar.query())
        totals.update(said["totals"])
        return said["rows"], said["total"]

    async def open_row(row: Row) -> None:
        await bar.choose(org=row["org"], table=row["table"], rule_id=row["rule_id"])
        ui.run_javascript("document.getElementById('sj-failed')?.scrollIntoView({behavior: 'smooth'})")

    first = await desk.get("/indicators/association", limit=1, **bar.query())
    with place:
        grid = Grid(
            desk, columns(desk, first["columns"], first["rows"], without=("month", *own(desk)), sort=True), load,
            lambda: empty(desk, "没有检验结果", "Nothing was checked", "换一个月份或规则；上级记录每天检验",
                          "Choose another month or rule; references are checked every day"),
            open_row, totals=lambda: totals, bar=bar,
        )  # fmt: skip

    async def refresh() -> None:
        await grid.refresh()
        worst = (await desk.get("/indicators/association", limit=_SHOWN, **{**bar.query(), "sort": "-failed"}))["rows"]
        figures.clear()
        with figures:
            _figures(desk, totals)
        picture.clear()
        with picture:
            _chart(desk, [row for row in worst if row["failed"]])
        below.clear()
        if bar.values["rule_id"]:
            with below:
                await _rows(desk, bar)

    bar.on_change(refresh)
    later(desk, bar.show)


def _figures(desk: Desk, totals: dict[str, Any]) -> None:
    if not totals.get("checked"):
        return
    numbers([
        (desk.say("检验行次", "Checks of rows"), count(totals["checked"]), "", ""),
        (desk.say("不通过", "Failed"), count(totals["failed"]), "", REJECTED),
        (desk.say("不通过率", "Failure rate"), percent(totals["failed_rate"]), "", FLAGGED),
    ])  # fmt: skip


def _chart(desk: Desk, rows: list[Row]) -> None:
    if not rows:
        empty(desk, "全部通过", "Everything passed", icon="task_alt")
        return
    several = len({row["org"] for row in rows}) > 1
    names = [(f"{row['name'] or row['org']} · " if several else "") + f"{desk.told(row, 'table')} · {row['rule_id']}"
             for row in rows][::-1]  # fmt: skip
    values = [
        {"value": row["failed"], "itemStyle": {"color": REJECTED if row["severity"] == "error" else FLAGGED},
         "label": {"formatter": f"{row['failed']:,} / {row['checked']:,}（{percent(row['failed_rate'])}）"}}
        for row in rows
    ][::-1]  # fmt: skip
    chart(
        {
            "grid": {"left": 4, "right": 150, "top": 4, "bottom": 0, "containLabel": True},
            "xAxis": {"type": "value", "show": False},
            "yAxis": {"type": "category", "data": names, "axisTick": {"show": False}},
            "series": [{"type": "bar", "data": values, "label": {"show": True, "position": "right"},
                        "barMaxWidth": 16}],
        },
        desk.say("不通过行数最多的关联", "The references with the most rows that failed"), 24 + 26 * len(rows),
    )  # fmt: skip


async def _rows(desk: Desk, bar: Bar) -> None:
    """The rows that failed one rule."""

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/indicators/association/rows", limit=limit, offset=offset, **bar.query())
        return said["rows"], said["total"]

    first = await desk.get("/indicators/association/rows", limit=1, **bar.query())
    rule = desk.told(first["rows"][0], "rule") if first["rows"] else bar.values["rule_id"]
    listed = columns(
        desk, first["columns"], first["rows"], without=("rule_zh", "rule_id", "severity_zh", "fix_zh", *own(desk))
    )
    with card(desk.say("不通过的记录", "Rows that failed"), rule):
        ui.element("a").props('id="sj-failed"')
        if first["rows"]:
            ui.label(desk.told(first["rows"][0], "fix")).classes("sj-text")
        ui.button(
            desk.say("不限规则", "Every rule"), icon="close", on_click=act(desk, lambda: bar.choose(rule_id=""))
        ).props("flat dense no-caps")
        grid = Grid(
            desk, [_linked(col) for col in listed], load,
            lambda: empty(desk, "没有不通过的记录", "No row failed", icon="task_alt"),
        )  # fmt: skip
        await grid.refresh()


def _linked(col: Col) -> Col:
    """The visit's number leads to its record."""
    if col.name != "visit":
        return col
    return Col(col.name, col.zh, col.en, link=lambda row: record_of(row["org"], row["visit"]))


def record_of(org: str, visit: str) -> str:
    """The address of the record view; empty without a visit."""
    return f"/records/{quote(org)}/{quote(visit, safe='')}" if visit else ""
