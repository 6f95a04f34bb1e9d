"""A table that people keep in Excel or WPS, taken in: first looked at, row by row, then applied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.figures import count
from api.console.parts.files import upload
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.notes import act, dialog, told

_PROBLEMS = (
    Col("line", "行", "line", "int"),
    Col("column_zh", "列", "column"),
    Col("value", "值", "value"),
    Col("problem", "问题", "problem", wrap=True),
    Col("fix", "怎么改", "how to fix", wrap=True),
)
_CHANGES = (
    Col("line", "行", "line", "int"),
    Col("action", "操作", "action"),
    Col("key", "对象", "what"),
    Col("before", "原值", "before", wrap=True),
    Col("after", "新值", "after", wrap=True),
)
_ACTIONS = {"added": ("新增", "added"), "changed": ("修改", "changed")}


def import_button(desk: Desk, path: str, title: str, done: Callable[[], Awaitable[Any]]) -> None:
    """A button for ``POST path``/import of the API; ``done`` is called when something was written."""

    def open_dialog() -> None:
        with dialog(desk, title) as made:
            made.props("full-width")
            ui.label(
                desk.say(
                    "先导出现有的表，用 Excel 或 WPS 修改后上传（CSV 或 XLSX）。先核对，不会立即写入。",
                    "Export the present table, change it in Excel or WPS and upload it (CSV or XLSX). "
                    "It is checked first; nothing is written yet.",
                )
            ).classes("sj-muted")
            place = ui.element("div").classes("sj-wide")

            async def take(content: bytes, kind: str) -> None:
                place.clear()
                with place:
                    ui.spinner(size="md")
                try:
                    said = await desk.send_file(f"{path}/import", content, kind, dry_run=True)
                finally:
                    place.clear()
                with place:
                    await review(desk, said, lambda: apply(content, kind))

            async def apply(content: bytes, kind: str) -> None:
                said = await desk.send_file(f"{path}/import", content, kind)
                made.close()
                told(
                    desk,
                    f"已写入：新增 {said['added']}，修改 {said['changed']}",
                    f"Written: {said['added']} added, {said['changed']} changed",
                )
                await done()

            upload(desk, desk.say("选择文件", "Choose a file"), take)
        made.open()

    ui.button(desk.say("导入", "Import"), icon="upload", on_click=open_dialog).props("outline dense no-caps")


async def review(desk: Desk, said: Row, apply: Callable[[], Awaitable[Any]]) -> None:
    """What a file would do (an ImportAnswer of a dry run), and the button that does it."""
    ui.label(
        desk.say(
            f"{count(said['lines'])} 行：新增 {count(said['added'])}，修改 {count(said['changed'])}，"
            f"不变 {count(said['unchanged'])}，"
            f"有问题 {count(said['problems_count'])}",
            f"{count(said['lines'])} lines: {count(said['added'])} added, {count(said['changed'])} changed, "
            f"{count(said['unchanged'])} unchanged, {count(said['problems_count'])} problems",
        )
    ).classes("sj-strong")
    if said["ignored_columns"]:
        names = ", ".join(said["ignored_columns"])
        ui.label(desk.say(f"不认识的列，未使用：{names}", f"Columns that are not known and not used: {names}")).classes(
            "sj-warn"
        )
    if said["problems"]:
        ui.label(
            desk.say(
                "改正以下问题后重新上传；现在什么都不会写入。", "Mend these and upload again; nothing is written now."
            )
        ).classes("sj-bad")
        await _listed(
            desk,
            _PROBLEMS,
            [{**one, "problem": one[desk.lang], "fix": one[f"fix_{desk.lang}"]} for one in said["problems"]],
        )
        return
    if not said["changes"]:
        ui.label(desk.say("与现有内容相同，没有要写入的。", "The same as now: nothing to write.")).classes("sj-muted")
        return
    await _listed(
        desk,
        _CHANGES,
        [
            {
                **one,
                "action": desk.say(*_ACTIONS[one["action"]]),
                "before": _said(one["before"]),
                "after": _said(one["after"]),
            }
            for one in said["changes"]
        ],
    )
    ui.button(desk.say("写入", "Write"), icon="check", on_click=act(desk, apply)).props("unelevated no-caps")


async def _listed(desk: Desk, columns: tuple[Col, ...], rows: list[Row]) -> None:
    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        return rows[offset : offset + limit], len(rows)

    await Grid(desk, columns, load).refresh()


def _said(values: dict[str, Any] | None) -> str:
    return "; ".join(f"{name} = {value}" for name, value in (values or {}).items())
