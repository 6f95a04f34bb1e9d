"""The upload log: every submission with what was submitted, stored and passed, how long it took and its state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GROUP, STATES, VARIANTS, last_month
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.figures import NOTHING, moment
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.parts.people import person
from api.console.parts.report import months_of
from api.console.routing import page

_PATH = "/front-pages/submissions"


@page(_PATH, "上报记录", "Submissions", right="submissions.read", group=GROUP, icon="history")
async def listing(desk: Desk, month: str = "", org: str = "") -> None:
    """Newest first."""
    bar, known = Bar(desk, _PATH, {"month": month, "org": org}), await orgs.names(desk)
    months = [*reversed(months_of(last_month())), *([month] if month and month not in months_of(last_month()) else [])]
    bar.select("month", desk.say("月份", "Month"), {"": desk.say("全部", "all"), **{one: one for one in months}})
    bar.org(known)
    with bar.row:
        ui.space()
        if desk.may("submissions.send"):
            ui.button(
                desk.say("上报文件", "Submit a file"),
                icon="upload",
                on_click=lambda: ui.navigate.to("/front-pages/upload"),
            ).props("unelevated dense no-caps")

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/submissions", limit=limit, offset=offset, **bar.query())
        return [_row(desk, one, known) for one in said["submissions"]], said["total"]

    async def open_row(row: Row) -> None:
        ui.navigate.to(f"/front-pages/submissions/{row['id']}")

    with card(
        desk.say("上报记录", "Submissions"),
        desk.say("新的在前；点击一行查看错误和记录", "newest first; click for findings and rows"),
    ):
        grid = Grid(
            desk,
            _columns(one_org=len(known) < 2),
            load,
            lambda: empty(
                desk, "还没有上报", "Nothing was submitted yet", "用“首页上报”上报文件", "Submit a file first"
            ),
            open_row,
        )
    bar.on_change(grid.refresh)
    later(desk, bar.show)


def _columns(*, one_org: bool) -> list[Col]:
    return [
        Col("month", "月份", "month"),
        *([] if one_org else [Col("name", "机构", "institution", under="org")]),
        Col("which", "第几次", "submission"),
        Col("state", "状态", "state", looks=STATES),
        Col("file", "文件", "file", under="kind"),
        Col("rows", "提交", "submitted", "int"),
        Col("accepted", "入库", "stored", "int"),
        Col("passed", "通过", "passed", "int"),
        Col("rejected", "拒收", "rejected", "int"),
        Col("took", "用时", "took"),
        Col("in_time", "时限", "in time"),
        Col("at", "开始", "begun", under="who"),
    ]


def _row(desk: Desk, one: dict[str, Any], known: dict[str, str]) -> Row:
    number = desk.say(f"第 {one['number']} 次", f"no. {one['number']}") if one["number"] else NOTHING
    if one["current"]:
        number += desk.say("（有效）", " (counts)")
    late = {True: desk.say("逾期", "late"), False: desk.say("按时", "in time"), None: NOTHING}[one["late"]]
    return {
        **one,
        "name": known.get(one["org"], one["org"]),
        "which": number,
        "in_time": late,
        "passed": one["accepted"] - one["flagged"],
        "took": took(desk, one),
        "at": moment(one["started_at"]),
        "who": person(one["actor"], desk.lang),
        "kind": desk.say(*VARIANTS[one["variant"]]),
    }


def took(desk: Desk, one: dict[str, Any]) -> str:
    """From the first byte to the end; nothing while it is under way."""
    if not one["ended_at"]:
        return NOTHING
    seconds = (datetime.fromisoformat(one["ended_at"]) - datetime.fromisoformat(one["started_at"])).total_seconds()
    if seconds < 60:
        return desk.say(f"{seconds:.1f} 秒", f"{seconds:.1f} s")
    return desk.say(f"{seconds // 60:.0f} 分 {seconds % 60:.0f} 秒", f"{seconds // 60:.0f} min {seconds % 60:.0f} s")
