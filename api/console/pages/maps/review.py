"""What an uploaded map would do, row by row, before anything is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.maps.words import ACTIONS, FIELDS
from api.console.parts.figures import count
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.notes import act
from api.console.parts.report import numbers
from api.console.words import REJECTED

_PROBLEMS = (
    Col("line", "行", "line", "int"), Col("column", "列", "column"), Col("value", "现在的值", "value"),
    Col("problem", "问题", "problem", wrap=True), Col("fix", "怎么改", "how to mend it", wrap=True),
)  # fmt: skip
_CHANGES = (
    Col("line", "行", "line", "int"), Col("kind", "操作", "action", looks=ACTIONS),
    Col("key", *FIELDS["local_code"]), Col("before", "现在", "now", wrap=True),
    Col("after", "改为", "becomes", wrap=True),
)  # fmt: skip


async def review(desk: Desk, said: Mapping[str, Any], apply: Callable[[], Awaitable[Any]]) -> None:
    """``said``: the answer to a dry run; ``apply`` writes it, and is offered when nothing is wrong."""
    changes = [change(desk, one) for one in said["changes"]]
    removed = sum(one["kind"] == "removed" for one in changes)
    told = [
        (desk.say("行", "Lines"), count(said["lines"]), "", ""),
        (desk.say("新增", "Added"), count(said["added"]), "", ACTIONS["added"].colour),
        (desk.say("修改", "Changed"), count(said["changed"] - removed), "", ACTIONS["changed"].colour),
        (desk.say("取消对码", "Taken away"), count(removed), "", ACTIONS["removed"].colour),
        (desk.say("不变", "The same"), count(said["unchanged"]), "", ""),
        (desk.say("未填，跳过", "Empty, skipped"), count(said["skipped"]), "", ""),
        (desk.say("有问题", "Problems"), count(said["problems_count"]), "", REJECTED if said["problems_count"] else ""),
    ]
    numbers(told)
    if said["ignored_columns"]:
        names = desk.say("、", ", ").join(said["ignored_columns"])
        ui.label(desk.say(f"未使用的列：{names}", f"Columns that were not used: {names}")).classes("sj-muted")
    if said["problems"]:
        ui.label(desk.say("请在文件中改正以下各行后重新上传；现在什么都不会写入。",
                          "Mend these lines in the file and upload it again; nothing is written now.",
                          )).classes("sj-strong sj-bad")  # fmt: skip
        await Grid(desk, _PROBLEMS, pages_of([_problem(desk, one) for one in said["problems"]])).refresh()
    if changes:
        await Grid(desk, _CHANGES, pages_of(changes)).refresh()
        every = said["added"] + said["changed"]
        if every > len(changes):
            ui.label(desk.say(f"这里列出前 {len(changes)} 处，共 {every} 处。",
                              f"The first {len(changes)} of {every} are listed.")).classes("sj-muted")  # fmt: skip
    elif not said["problems"]:
        ui.label(
            desk.say("与现有对码表相同，没有要写入的。", "The same as the present map: nothing to write.")
        ).classes("sj-strong")
    if changes and not said["problems"]:
        every = said["added"] + said["changed"]
        ui.button(
            desk.say(f"写入 {every} 处", f"Write {every} entries"), icon="check", on_click=act(desk, apply)
        ).props("unelevated no-caps")  # fmt: skip


def change(desk: Desk, one: Mapping[str, Any]) -> Row:
    """A change with its columns in words; taking a standard code away is a kind of its own."""
    taken = one["action"] == "changed" and one["after"].get("standard_code") == ""
    return {
        "line": one["line"], "kind": "removed" if taken else one["action"], "key": one["key"],
        "before": entry(desk, one["before"]), "after": entry(desk, one["after"]),
    }  # fmt: skip


def entry(desk: Desk, values: Mapping[str, Any] | None) -> str:
    """``标准编码 03；院内名称 内科``."""
    named = ((desk.say(*FIELDS.get(name, (name, name))), value) for name, value in (values or {}).items()
             if name != "local_code")  # fmt: skip
    return desk.say("；", "; ").join(f"{name} {value or desk.say('（无）', '(none)')}" for name, value in named)


def _problem(desk: Desk, one: Mapping[str, Any]) -> Row:
    column = desk.say(*FIELDS.get(one["column"], (one["column_zh"], one["column"])))
    return {**one, "column": column, "problem": one[desk.lang], "fix": one[f"fix_{desk.lang}"]}
