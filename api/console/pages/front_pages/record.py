"""One front page of a submission: every column in its group, findings beside the values, personal ones masked."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.data.front_sheet import sheet_of
from api.console.parts import orgs
from api.console.parts.later import later
from api.console.parts.notes import ask, card
from api.console.routing import page


@page("/front-pages/submissions/{submission}/{file_row}", "病案首页", "Front page", right="records.read")
async def record(desk: Desk, submission: str, file_row: int) -> None:
    """``file_row``: of the sender's file."""
    path, known = f"/front-pages/rows/{submission}/{file_row}", await orgs.names(desk)
    place = ui.element("div").classes("sj-wide sj-stack")

    async def show(*, personal: bool = False) -> None:
        said = await desk.get(path, personal=personal or None)
        place.clear()
        with place:
            _page(desk, said, known.get(said["org"], said["org"]), file_row, lambda: _reveal(desk, show))

    later(desk, show)


def _page(desk: Desk, said: dict[str, Any], name: str, file_row: int, reveal: Any) -> None:
    section = said["sections"][0]
    with card(
        desk.say(f"病案号 {said['visit']}", f"Record {said['visit']}"),
        desk.say(
            f"{name} · 文件第 {file_row} 行 · {said['findings']} 个问题",
            f"{name} · row {file_row} of the file · {said['findings']} findings",
        ),
    ):
        with ui.element("div").classes("sj-corner"):
            if said["personal"]:
                text = desk.say("正在显示个人信息，已记入审计日志", "Personal data are shown; it is in the audit log")
                ui.label(text).classes("sj-bad sj-strong")
            elif desk.may("records.personal"):
                ui.button(desk.say("显示个人信息", "Show personal data"), icon="visibility", on_click=reveal).props(
                    "outline dense no-caps"
                )
        for row in section["rows"]:
            ui.html(sheet_of(section["columns"], row, desk.lang), sanitize=False).classes("sj-wide")
        if not said["personal"]:
            ui.label(desk.say("个人信息已脱敏。▲ 错误 ◆ 警告", "Personal data are masked. ▲ error ◆ warning")).classes(
                "sj-muted"
            )


def _reveal(desk: Desk, show: Any) -> None:
    async def yes(_: str) -> None:
        await show(personal=True)

    ask(
        desk,
        desk.say("显示个人信息？", "Show personal data?"),
        desk.say(
            "将显示姓名、证件号、电话、住址等原文。本次查看会记入审计日志。",
            "Names, ID numbers, phones and addresses will be shown; this look goes into the audit log.",
        ),
        yes,
        yes=desk.say("显示", "Show"),
    )
