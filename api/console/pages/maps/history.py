"""Who changed an institution's map when; one change row by row; taking a change back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.maps.review import entry
from api.console.pages.maps.words import FIELDS
from api.console.parts.figures import moment
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.notes import ask, card, dialog, empty, told

_VERSIONS = (
    Col("version", "版本", "version", "int"), Col("when", "时间", "when"), Col("changed_by", "操作人", "who"),
    Col("codes", "编码数", "codes", "int"), Col("added", "其中新增", "new ones", "int"),
    Col("unmapped", "取消对码", "taken away", "int"), Col("about", "说明", "note"),
)  # fmt: skip
_CHANGES = (
    Col("local_code", *FIELDS["local_code"]), Col("before", "之前", "before", wrap=True),
    Col("after", "之后", "after", wrap=True),
)  # fmt: skip


async def show(desk: Desk, org: str, map: str, again: Callable[[], Awaitable[None]]) -> None:
    """The history of a map; ``again`` is called when something was taken back."""
    versions = (await desk.get(f"/codemaps/{org}/{map}/history"))["versions"]

    async def open_row(row: Row) -> None:
        await _one(desk, f"/codemaps/{org}/{map}", row, again)

    with card(
        desk.say("修改历史", "History"),
        desk.say("点击一行查看明细或撤销", "click a row for its details, or to undo it"),
    ):
        rows = [{**one, "when": moment(one["at"], seconds=True), "about": _about(desk, one)} for one in versions]
        await Grid(
            desk, _VERSIONS, pages_of(rows),
            lambda: empty(desk, "还没有对码", "There is no map yet", "下载未对码编码表，填好后上传",
                          "Download the unmapped codes, fill them in and upload them"),
            open_row,
        ).refresh()  # fmt: skip


def _about(desk: Desk, one: dict[str, Any]) -> str:
    if one["undone_by"]:
        return desk.say(f"已被版本 {one['undone_by']} 撤销", f"taken back by version {one['undone_by']}")
    if one["undoes"]:
        return desk.say(f"撤销版本 {one['undoes']}", f"takes back version {one['undoes']}")
    return ""


async def _one(desk: Desk, path: str, version: Row, again: Callable[[], Awaitable[None]]) -> None:
    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(f"{path}/history/{version['version']}", limit=limit, offset=offset)
        rows = [
            {**one, "before": entry(desk, one["before"]), "after": entry(desk, one["after"])} for one in said["changes"]
        ]
        return rows, said["total"]

    async def undo(_: str) -> None:
        await desk.post(f"{path}/undo", version=version["version"])
        made.close()
        told(desk, f"版本 {version['version']} 已撤销", f"Version {version['version']} was taken back")
        await again()

    def confirm() -> None:
        ask(
            desk, desk.say("撤销这次修改？", "Take this change back?"),
            desk.say("其中的编码恢复到修改之前；撤销也是一个版本，可以再撤销。",
                     "Its codes become what they were before. Undoing is a version too and can be undone."),
            undo, yes=desk.say("撤销", "Undo"),
        )  # fmt: skip

    title = desk.say(f"版本 {version['version']}", f"Version {version['version']}")
    with dialog(desk, f"{title} · {version['when']} · {version['changed_by']}") as made:
        made.props("full-width")
        await Grid(desk, _CHANGES, load).refresh()
        if desk.may("codemaps.write") and not version["undone_by"]:
            with ui.row().classes("sj-dialog-foot"):
                ui.button(desk.say("撤销这次修改", "Undo this change"), icon="undo", on_click=confirm).props(
                    "outline no-caps"
                )
    made.open()
