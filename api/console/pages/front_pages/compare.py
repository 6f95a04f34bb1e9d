"""Submissions of a month compared: what changed from one to the next, and whether errors fall."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GROUP, last_month
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.charts import chart
from api.console.parts.figures import percent
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.routing import page
from api.console.words import ACCEPTED, FLAGGED, REJECTED

_PATH, _API = "/front-pages/compare", "/front-pages/comparison"
_COLUMNS = (
    Col("number", "第几次", "submission", "int"),
    Col("file", "文件", "file"),
    Col("ended_at", "完成", "done", "time"),
    Col("rows", "行数", "rows", "int"),
    Col("added", "新增", "added", "int"),
    Col("removed", "删除", "removed", "int"),
    Col("changed", "修改", "changed", "int"),
    Col("same", "不变", "same", "int"),
    Col("rejected", "拒收", "rejected", "int"),
    Col("error_rate", "错误率", "error rate", "percent"),
    Col("findings", "问题", "findings", "int"),
    Col("findings_per_page", "每份问题数", "a front page", "number"),
)
_CHANGES = {"changed": ("修改", "changed"), "added": ("新增", "added"), "removed": ("删除", "removed")}
_CHANGED = (
    Col("key", "病案号|住院次数", "record|admission"),
    Col("row", "本次文件行号", "row of this file", "int"),
    Col("before_row", "上次文件行号", "row of the file before", "int"),
)


@page(_PATH, "月度对比", "Submissions compared", right="indicators.read", group=GROUP, icon="difference")
async def compare(desk: Desk, month: str = "", org: str = "", number: str = "", change: str = "") -> None:
    """``number``: which submission's changes are listed."""
    bar = Bar(
        desk,
        _PATH,
        {
            "month": month or last_month(),
            "org": org or desk.me.org,
            "number": number,
            "change": change or "changed",
        },
    )
    bar.month()
    bar.org(await orgs.names(desk))
    bar.select("change", desk.say("变化", "Change"), {name: desk.say(*words) for name, words in _CHANGES.items()})
    with bar.row:
        ui.space()
        export(desk, _API, lambda: {"month": bar.values["month"], "org": bar.values["org"]})
    place = ui.element("div").classes("sj-wide sj-stack")

    async def refresh() -> None:
        place.clear()
        with place:
            await _show(desk, bar)

    bar.on_change(refresh)
    later(desk, bar.show)


async def _show(desk: Desk, bar: Bar) -> None:
    asked = {"month": bar.values["month"], "org": bar.values["org"]}
    if not asked["org"]:
        empty(desk, "请选择机构", "Choose an institution")
        return
    rows = (await desk.get(_API, **asked))["rows"]
    if not rows:
        empty(
            desk,
            "这个月还没有上报",
            "Nothing was submitted for this month",
            "换一个月份，或先上报",
            "Choose another month, or submit first",
        )
        return

    async def choose(row: Row) -> None:
        if row["number"] > 1:
            await bar.choose(number=str(row["number"]))

    with card(desk.say(f"本月共上报 {len(rows)} 次", f"{len(rows)} submissions of this month")):
        _falling(desk, rows)
    with card(
        desk.say("每次上报", "Each submission"),
        desk.say("与上一次相比；点击一行看变化的行", "against the one before; click for the rows"),
    ):
        await Grid(desk, _COLUMNS, pages_of(rows), None, choose, whole=True).refresh()
    numbers = [row["number"] for row in rows if row["number"] > 1]
    if numbers:
        await _changes(desk, bar, asked, int(bar.values["number"] or numbers[-1]))


async def _changes(desk: Desk, bar: Bar, asked: dict[str, str], number: int) -> None:
    change = bar.values["change"]

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(f"{_API}/rows", number=number, change=change, limit=limit, offset=offset, **asked)
        return said["rows"], said["total"]

    word = desk.say(*_CHANGES[change])
    with card(desk.say(f"第 {number} 次{word}的行", f"Rows {word} in submission {number}")):
        await Grid(desk, _CHANGED, load, lambda: empty(desk, "没有这样的行", "There is no such row")).refresh()


def _falling(desk: Desk, rows: list[dict[str, Any]]) -> None:
    """The error rate as a line over what became of the rows."""
    stacked = (
        (desk.say("通过", "passed"), ACCEPTED, [row["accepted"] - row["flagged"] for row in rows]),
        (desk.say("有警告", "flagged"), FLAGGED, [row["flagged"] for row in rows]),
        (desk.say("拒收", "rejected"), REJECTED, [row["rejected"] for row in rows]),
    )
    chart(
        {
            "legend": {"top": 0},
            "xAxis": {
                "type": "category",
                "data": [desk.say(f"第 {row['number']} 次", f"no. {row['number']}") for row in rows],
            },
            "yAxis": [
                {"type": "value"},
                {"type": "value", "axisLabel": {"formatter": "{value}%"}, "splitLine": {"show": False}},
            ],
            "series": [
                *(
                    {
                        "name": name,
                        "type": "bar",
                        "stack": "rows",
                        "barMaxWidth": 48,
                        "itemStyle": {"color": color},
                        "data": counts,
                    }
                    for name, color, counts in stacked
                ),
                {
                    "name": desk.say("错误率", "error rate"),
                    "type": "line",
                    "yAxisIndex": 1,
                    "itemStyle": {"color": "#1d2a33"},
                    "label": {"show": True, "formatter": "{c}%"},
                    "data": [round((row["error_rate"] or 0) * 100, 2) for row in rows],
                },
            ],
        },
        desk.say("错误率 ", "Error rate ") + " → ".join(percent(row["error_rate"]) for row in rows),
        260,
    )
