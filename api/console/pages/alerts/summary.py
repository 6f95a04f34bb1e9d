"""What became of a month's alerts, by institution or kind; for the monthly report."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Load, pages_of
from api.console.parts.notes import act, card, empty
from api.console.routing import page
from api.console.words import KINDS

_PATH = "/alerts/summary"
_COUNTED = (
    ("raised", "发生", "Raised", ""), ("open", "未办结", "Open", "bad"),
    ("closed_by_itself", "自动恢复", "By itself", ""), ("closed_handled", "处理后办结", "After handling", ""),
    ("closed_not_a_fault", "申诉成立", "Not a fault", ""), ("closed_by_hand", "手工关闭", "Closed by hand", ""),
    ("appeals", "申诉", "Appeals", ""), ("overdue", "曾逾期", "Overdue", "bad"),
)  # fmt: skip


@page(_PATH, "告警月度汇总", "Alerts of a month", right="cases.read")
async def case_summary(desk: Desk, month: str = "", group: str = "org", org: str = "", kind: str = "") -> None:
    """Counts of a month, and a file of them."""
    bar = Bar(desk, _PATH, {"month": month, "group": group, "org": org, "kind": kind})
    bar.month()
    bar.select("group", desk.say("汇总", "By"), {
        "org": desk.say("按机构", "institution"), "kind": desk.say("按种类", "kind"),
        "org_kind": desk.say("按机构和种类", "institution and kind"),
    })  # fmt: skip
    bar.org(await orgs.names(desk))
    bar.select("kind", desk.say("种类", "Kind"),
               {"": desk.say("全部", "all")} | {name: desk.say(*words) for name, words in KINDS.items()})  # fmt: skip
    with bar.row:
        ui.space()
        ui.link(desk.say("返回列表", "Back to the list"), "/alerts")
        export(desk, "/cases/summary/export", bar.query)
    numbers = ui.element("div").classes("sj-numbers")
    with card(desk.say("当月发生的告警到现在的结果", "What became of the alerts raised in the month")):
        place = ui.element("div")

    async def refresh() -> None:
        said = await desk.get("/cases/summary", **bar.query())
        numbers.clear()
        with numbers:
            _numbers(desk, said["total"])
        place.clear()
        with place:
            await Grid(
                desk, _columns(bar.values["group"]), _pages(desk, said["rows"]), lambda: _nothing(desk)
            ).refresh()

    bar.on_change(refresh)
    await act(desk, refresh)()


def _numbers(desk: Desk, total: dict[str, Any]) -> None:
    for name, zh, en, tone in _COUNTED:
        bad = " sj-number-bad" if tone and total[name] else ""
        with ui.element("div").classes(f"sj-number{bad}"):
            ui.html(f"<h3>{desk.say(zh, en)}</h3><b>{total[name]:,}</b>", sanitize=False)


def _columns(group: str) -> list[Col]:
    first = [Col("name", "机构", "Institution")] if "org" in group else []
    second = [Col("kind", "种类", "Kind")] if "kind" in group else []
    counted = [Col(name, zh, en, kind="int") for name, zh, en, _ in _COUNTED]
    return [
        *first,
        *second,
        *counted,
        Col("median_hours", "办结时长中位数（小时）", "Median hours to close", kind="number"),
    ]


def _pages(desk: Desk, rows: list[dict[str, Any]]) -> Load:
    return pages_of([
        {**row, "name": row["name"] or row["org"], "kind": desk.say(*KINDS.get(row["kind"], (row["kind"],) * 2))}
        for row in rows
    ])  # fmt: skip


def _nothing(desk: Desk) -> None:
    empty(desk, "当月没有告警", "No alerts in this month", "换一个月份或筛选条件", "Try another month or other filters")
