"""Who must send what by when, and when nothing is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.admin.listing import holds, whole
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.figures import moment
from api.console.parts.files import export
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.imports import import_button
from api.console.parts.notes import act, ask, card, empty, told
from api.console.parts.people import person
from api.console.routing import page
from api.wire import SHANGHAI

_PLAN = (
    Col("org_shown", "机构", "institution"),
    Col("table_shown", "表", "table"),
    Col("due", "应到", "due"),
    Col("grace_hours", "宽限（小时）", "grace (hours)", "int"),
    Col("valid", "有效期", "valid"),
    Col("note", "说明", "note", wrap=True),
    Col("by", "维护人", "changed by"),
)
_QUIET = (
    Col("org_shown", "机构", "institution"),
    Col("table_shown", "表", "table"),
    Col("kind_shown", "类别", "kind"),
    Col("from_", "起", "from"),
    Col("to", "止", "to"),
    Col("note", "说明", "note", wrap=True),
    Col("by", "维护人", "changed by"),
)
_KINDS = {
    "holiday": ("节假日", "holiday"),
    "maintenance": ("计划维护", "maintenance"),
    "incident": ("事件", "incident"),
    "outage": ("平台中断（自动）", "our own outage (automatic)"),
}
_FIRST, _LAST = "1970-01-01", "2299-12-31"


@page("/admin/schedule", "上传计划", "Schedule", right="schedule.read", group="admin", icon="event_available")
async def schedule(desk: Desk, text: str = "", org: str = "") -> None:
    """Entries of the schedule and quiet times; what is not said is due at T+1 8:00 with four hours of grace."""
    names = await orgs.names(desk)
    bar = Bar(desk, "/admin/schedule", {"text": text, "org": org})
    bar.org(names)
    bar.text("text", desk.say("表、说明", "table, note"))

    def keep(row: Row) -> bool:
        return bar.values.get("org", "") in ("", row["org"], "*") and holds(row, bar.values["text"], "table", "note")

    plan = await _part(desk, "schedule", desk.say("上传计划", "Schedule"), _plan_rows, _PLAN, keep, names)
    quiet = await _part(desk, "quiet-times", desk.say("静默时段", "Quiet times"), _quiet_rows, _QUIET, keep, names)

    async def refresh() -> None:
        await plan.refresh()
        await quiet.refresh()

    bar.on_change(refresh)
    await act(desk, refresh)()


async def _part(desk: Desk, path: str, title: str, rows: Any, columns: Any, keep: Any, names: dict[str, str]) -> Grid:
    edit = _edit_plan if path == "schedule" else _edit_quiet
    hint = (
        desk.say(
            "没有规定的按默认：T+1 8:00，宽限 4 小时", "What is not here is due at T+1 8:00, with 4 hours of grace"
        )
        if path == "schedule"
        else desk.say(
            "节假日、维护和事件期间不判缺报，也不进入基线", "Nothing is missing then, and the days are in no baseline"
        )
    )

    async def again() -> None:
        await grid.refresh()

    def nothing() -> None:
        empty(desk, "没有另行规定", "Nothing set", hint, hint, "event_available")

    with card(title, hint):
        with ui.row().classes("sj-tools"):
            if desk.may("schedule.write"):
                ui.button(
                    desk.say("新增", "Add"), icon="add", on_click=act(desk, lambda: edit(desk, {}, names, grid))
                ).props("unelevated dense no-caps")
                import_button(desk, f"/{path}", title, again)
            export(desk, f"/{path}/export", dict)
        on_row = (lambda row: edit(desk, row, names, grid)) if desk.may("schedule.write") else None
        grid: Grid = Grid(desk, columns, whole(lambda: rows(desk, names), keep), nothing, on_row=on_row)
    return grid


async def _plan_rows(desk: Desk, names: dict[str, str]) -> list[Row]:
    found = []
    for one in (await desk.get("/schedule"))["entries"]:
        due = f"T+{one['due_days']} {one['due_hour']}:00" if one["expected"] else desk.say("不要求", "not expected")
        until = "" if one["valid_to"] >= _LAST else one["valid_to"]
        valid = f"{'' if one['valid_from'] == _FIRST else one['valid_from']} – {until}"
        found.append(one | _shown(desk, one, names) | {"due": due, "valid": valid})
    return found


async def _quiet_rows(desk: Desk, names: dict[str, str]) -> list[Row]:
    return [
        one
        | _shown(desk, one, names)
        | {
            "kind_shown": desk.say(*_KINDS[one["kind"]]),
            "from_": moment(one["starts_at"], seconds=True),
            "to": moment(one["ends_at"], seconds=True),
        }
        for one in (await desk.get("/quiet-times"))["entries"]
    ]


def _shown(desk: Desk, one: Row, names: dict[str, str]) -> Row:
    """For which institution and table, and who said so."""
    org = desk.say("所有机构", "every institution") if one["org"] == "*" else names.get(one["org"], str(one["org"]))
    table = desk.say("所有表", "every table") if one["table"] == "*" else one["table"]
    return {"org_shown": org, "table_shown": table, "by": person(one["changed_by"], desk.lang)}


def _where(desk: Desk, names: dict[str, str]) -> list[Field]:
    return [
        Field(
            "org",
            "机构",
            "Institution",
            "choice",
            {"*": desk.say("所有机构", "every institution"), **names},
            needed=True,
        ),
        Field("table", "表（* 为所有表）", "Table (*: every)", needed=True, hint="TB_MZ_SFMXB"),
    ]


async def _edit_plan(desk: Desk, row: Row, names: dict[str, str], grid: Grid) -> None:
    fields = [
        *_where(desk, names),
        Field("expected", "要求上传", "expected", "switch"),
        Field("due_days", "应到：业务日后第几天", "Due: days after the business day", "number"),
        Field("due_hour", "应到：几点", "Due: hour", "number"),
        Field("grace_hours", "宽限（小时）", "Grace (hours)", "number"),
        Field("valid_from", "生效日期", "Valid from", "date"),
        Field("valid_to", "失效日期", "Valid to", "date"),
        Field("note", "说明", "Note", "note"),
    ]
    start = {"org": "*", "table": "*", "expected": True, "due_days": 1, "due_hour": 8, "grace_hours": 4}

    async def save(filled: dict[str, Any]) -> None:
        whole_numbers = {name: int(filled[name] or 0) for name in ("due_days", "due_hour", "grace_hours")}
        dates = {"valid_from": filled["valid_from"] or _FIRST, "valid_to": filled["valid_to"] or _LAST}
        await desk.put("/schedule", {"entries": [filled | whole_numbers | dates]})
        told(desk, "已保存，相关日期将重新判断", "Saved; the days concerned are judged again")
        await grid.again()

    async def remove(_: str) -> None:
        await desk.delete("/schedule", org=row["org"], table=row["table"], valid_from=row["valid_from"])
        await grid.refresh()

    values = start | row | {name: "" for name in ("valid_from", "valid_to") if row.get(name) in (_FIRST, _LAST, None)}
    form(desk, desk.say("上传计划", "Schedule"), fields, values, save, _remover(desk, row, remove))


async def _edit_quiet(desk: Desk, row: Row, names: dict[str, str], grid: Grid) -> None:
    kinds = {name: desk.say(*words) for name, words in _KINDS.items() if name != "outage"}
    fields = [
        *_where(desk, names),
        Field("kind", "类别", "Kind", "choice", kinds, needed=True),
        Field("starts_at", "开始", "From", "time", needed=True),
        Field("ends_at", "结束", "To", "time", needed=True),
        Field("note", "说明", "Note", "note"),
    ]

    async def save(filled: dict[str, Any]) -> None:
        times = {
            name: datetime.fromisoformat(filled[name]).replace(tzinfo=SHANGHAI).isoformat()
            for name in ("starts_at", "ends_at")
        }
        await desk.put("/quiet-times", {"entries": [filled | times | {"id": row.get("id", "")}]})
        told(desk, "已保存，相关日期将重新判断", "Saved; the days concerned are judged again")
        await grid.again()

    async def remove(_: str) -> None:
        await desk.delete(f"/quiet-times/{row['id']}")
        await grid.refresh()

    times = {name: row[name][:16] for name in ("starts_at", "ends_at") if name in row}
    form(
        desk,
        desk.say("静默时段", "Quiet time"),
        fields,
        {"org": "*", "table": "*"} | row | times,
        save,
        _remover(desk, row, remove),
    )


def _remover(desk: Desk, row: Row, remove: Any) -> Any:
    if not row:
        return None

    def more(made: ui.dialog) -> None:
        async def gone(note: str) -> None:
            await remove(note)
            made.close()

        ui.button(
            desk.say("删除…", "Take away…"),
            on_click=lambda: ask(
                desk,
                desk.say("删除", "Take away"),
                desk.say("之后按更一般的规定或默认。", "The next less specific entry holds then."),
                gone,
            ),
        ).props("flat no-caps color=negative")

    return more
