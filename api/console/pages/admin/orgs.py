"""Institutions: who is expected to send, and since when."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.admin.listing import holds, whole
from api.console.parts.bar import Bar
from api.console.parts.files import export
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.imports import import_button
from api.console.parts.levels import TYPES, level_name, type_name
from api.console.parts.notes import act, card, empty, told
from api.console.routing import page

_COLUMNS = (
    Col("org", "机构代码", "code", link=lambda row: f"/orgs/{row['org']}"),
    Col("name", "名称", "name"),
    Col("city", "市", "city"),
    Col("county", "区县", "county"),
    Col("level_shown", "级别", "level"),
    Col("type_shown", "类型", "type"),
    Col("care", "业务", "care"),
    Col("state", "状态", "state"),
    Col("since", "应报起始日", "expected since"),
)
_FIELDS = (
    Field("org", "机构代码（22 位）", "Code (22 characters)", needed=True),
    Field("name", "名称", "Name", needed=True),
    Field("city", "市代码", "City's code", hint="370100"),
    Field("county", "区县代码", "County's code", hint="370112"),
    Field("level", "级别", "Level", "choice", {0: "–", 1: "1", 2: "2", 3: "3"}),
    Field("type", "类型", "Type", "choice", {name: zh for name, (zh, _) in TYPES.items()}),
    Field("outpatient", "有门诊", "outpatient care", "switch"),
    Field("inpatient", "有住院", "inpatient care", "switch"),
    Field("contact", "联系人", "Contact"),
    Field("phone", "联系电话", "Phone"),
    Field("starts_on", "应报起始日", "First business day expected", "date"),
    Field("test", "测试机构", "test institution", "switch"),
    Field("active", "启用", "active", "switch"),
)
_ALWAYS = "1970-01-01"


@page("/admin/orgs", "机构", "Institutions", right="orgs.read", group="admin", icon="local_hospital")
async def institutions(desk: Desk, text: str = "", kind: str = "") -> None:
    """The list of institutions; administrators change it here or as a table."""
    bar = Bar(desk, "/admin/orgs", {"text": text, "kind": kind})
    bar.text("text", desk.say("名称、代码、地区", "name, code, region"))
    bar.select(
        "kind",
        desk.say("范围", "Which"),
        {
            "": desk.say("全部", "all"),
            "real": desk.say("正式机构", "real"),
            "test": desk.say("测试机构", "test"),
            "off": desk.say("已停用", "inactive"),
        },
    )

    async def rows() -> list[Row]:
        return [_shown(desk, one) for one in (await desk.get("/orgs"))["orgs"]]

    def keep(row: Row) -> bool:
        wanted = {"": True, "real": not row["test"], "test": row["test"], "off": not row["active"]}
        return wanted.get(bar.values["kind"], True) and holds(row, bar.values["text"], "org", "name", "city", "county")

    def nothing() -> None:
        empty(
            desk,
            "还没有机构",
            "No institutions yet",
            "导入机构名录，或逐个新增。",
            "Import the list, or add them one by one.",
            "local_hospital",
        )

    on_row = (lambda row: _edit(desk, row, grid)) if desk.may("orgs.write") else None
    with card():
        grid: Grid = Grid(desk, _COLUMNS, whole(rows, keep), nothing, on_row=on_row)
    with bar.row:
        ui.space()
        if desk.may("orgs.write"):
            ui.button(
                desk.say("新增机构", "Add an institution"),
                icon="add",
                on_click=act(
                    desk,
                    lambda: _edit(desk, {"outpatient": True, "active": True, "type": "hospital", "level": 0}, grid),
                ),
            ).props("unelevated dense no-caps")
            import_button(desk, "/orgs", desk.say("导入机构", "Import institutions"), grid.refresh)
        export(desk, "/orgs/export", dict)
    bar.on_change(grid.refresh)
    await act(desk, grid.refresh)()


def _shown(desk: Desk, one: Row) -> Row:
    care = [
        desk.say("门诊", "outpatient") if one["outpatient"] else "",
        desk.say("住院", "inpatient") if one["inpatient"] else "",
    ]
    states = [
        desk.say("正式", "real") if not one["test"] else desk.say("测试", "test"),
        "" if one["active"] else desk.say("已停用", "inactive"),
    ]
    since = desk.say("登记之日起", "since it was entered") if one["starts_on"] == _ALWAYS else one["starts_on"]
    return one | {
        "care": "、".join(filter(None, care)),
        "state": "、".join(filter(None, states)),
        "since": since,
        "level_shown": level_name(desk.lang, str(one["level"])),
        "type_shown": type_name(desk.lang, one["type"]),
    }


async def _edit(desk: Desk, row: Row, grid: Grid) -> None:
    async def save(filled: dict[str, Any]) -> None:
        await desk.post("/orgs", filled | {"level": filled["level"] or 0, "starts_on": filled["starts_on"] or _ALWAYS})
        told(desk, "已保存", "Saved")
        await grid.again()

    starts = "" if row.get("starts_on") == _ALWAYS else row.get("starts_on", "")
    form(
        desk, row.get("name") or desk.say("新增机构", "Add an institution"), _FIELDS, row | {"starts_on": starts}, save
    )
