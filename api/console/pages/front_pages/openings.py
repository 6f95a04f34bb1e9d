"""Months that operators open outside of their window: for whom, until when, for how many more submissions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GROUP, last_month
from api.console.parts import orgs
from api.console.parts.figures import moment
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import ask, card, empty, told
from api.console.parts.people import person
from api.console.parts.report import months_of
from api.console.routing import page
from api.console.words import Look
from api.wire import SHANGHAI

_API = "/submissions/openings"
_OPEN = {
    "true": Look("开放中", "open", "#009E73", "#ffffff", "✓"),
    "false": Look("已过期", "over", "#7b868f", "#ffffff", "–"),
}
_COLUMNS = (
    Col("month", "月份", "month"),
    Col("name", "机构", "institution", under="org"),
    Col("until", "开放至", "until", "time"),
    Col("more", "加次数", "more submissions", "int"),
    Col("state", "状态", "state", looks=_OPEN),
    Col("note", "说明", "note", wrap=True),
    Col("who", "操作人", "by"),
)
_EVERY = "*"


@page("/front-pages/openings", "开放历史月份", "Opened months", right="submissions.open", group=GROUP, icon="lock_open")
async def openings(desk: Desk) -> None:
    """The newest month first; a click takes an opening back."""
    known = await orgs.names(desk)

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        rows = [_row(desk, one, known) for one in (await desk.get(_API))["openings"]]
        return rows[offset : offset + limit], len(rows)

    async def close(row: Row) -> None:
        async def yes(_: str) -> None:
            await desk.delete(_API, org=row["org"], month=row["month"])
            told(desk, "已收回", "Taken back")
            await grid.refresh()

        ask(desk, desk.say("收回开放？", "Take the opening back?"), f"{row['month']} · {row['name']}", yes)

    with card(
        desk.say("开放的月份", "Opened months"),
        desk.say(
            "窗口（当月 25 日至次月 10 日，可在阈值中修改）以外仍可上报；点击一行可收回",
            "may be submitted outside of the window (25th to 10th of the next month, a threshold); click to take back",
        ),
    ):
        with ui.row().classes("sj-tools"):
            ui.button(
                desk.say("开放一个月份", "Open a month"), icon="add", on_click=lambda: _add(desk, known, grid)
            ).props("unelevated dense no-caps")
        grid: Grid = Grid(desk, _COLUMNS, load, lambda: empty(desk, "没有开放的月份", "No month was opened"), close)
    later(desk, grid.refresh)


def _row(desk: Desk, one: dict[str, Any], known: dict[str, str]) -> Row:
    name = desk.say("全部机构", "every institution") if one["org"] == _EVERY else known.get(one["org"], one["org"])
    return {**one, "name": name, "state": str(one["open"]).lower(), "who": person(one["changed_by"], desk.lang)}


def _add(desk: Desk, known: dict[str, str], grid: Grid) -> None:
    months = [*reversed(months_of(last_month()))]
    every = (
        {_EVERY: desk.say("全部机构", "every institution")} if not desk.me.scope or desk.me.scope == "000000" else {}
    )
    fields = (
        Field("org", "机构", "Institution", "choice", options={**every, **known}, needed=True),
        Field("month", "月份", "Month", "choice", options={one: one for one in months}, needed=True),
        Field("until", "开放至", "Until", "time", needed=True),
        Field("more", "另加次数", "More submissions", "number"),
        Field("note", "说明", "Note", "note"),
    )
    until = (datetime.now(SHANGHAI) + timedelta(days=3)).replace(hour=18, minute=0)

    async def save(values: dict[str, Any]) -> None:
        moment_ = datetime.fromisoformat(values["until"]).replace(tzinfo=SHANGHAI)
        body = {**values, "until": moment_.isoformat(), "more": int(values["more"] or 0)}
        await desk.put(_API, body)
        told(desk, f"已开放至 {moment(moment_)}", f"Open until {moment(moment_)}")
        await grid.refresh()

    form(
        desk,
        desk.say("开放一个月份", "Open a month"),
        fields,
        {"month": months[0], "until": f"{until:%Y-%m-%dT%H:%M}", "more": 0},
        save,
    )
