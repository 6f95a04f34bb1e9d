"""Institutions and whom to ask: the programme's contact sheet, and whether it is filled in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GROUP
from api.console.parts.files import export
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.levels import level_name, type_name
from api.console.parts.notes import act, ask, card, told
from api.console.parts.report import numbers
from api.console.routing import page
from api.console.words import Look

_API = "/front-pages/contacts"
_SEXES = {"1": ("男", "male"), "2": ("女", "female")}
_FILLED = {
    "true": Look("已填写", "filled in", "#009E73", "#ffffff", "✓"),
    "false": Look("未填全", "incomplete", "#E69F00", "#1b1b1b", "◐"),
}
_NAMES = {
    "name": ("联系人姓名", "name"),
    "sex": ("性别", "sex"),
    "birth_year": ("出生年份", "year of birth"),
    "title": ("职称/职务", "title"),
    "phone": ("办公电话", "phone"),
    "mobile": ("手机", "mobile"),
    "id_number": ("身份证号", "ID number"),
}
_COLUMNS = (
    Col("org_name", "单位名称", "institution", under="org"),
    Col("kind", "级别类型", "level, type"),
    Col("filled_", "填写", "filled in", looks=_FILLED),
    Col("name", "联系人", "contact"),
    Col("sex_", "性别", "sex"),
    Col("age", "年龄", "age", "int"),
    Col("title", "职称/职务", "title"),
    Col("phone", "办公电话", "phone"),
    Col("mobile", "手机", "mobile"),
    Col("id_number", "身份证号", "ID number"),
    Col("lacking", "缺", "lacks", wrap=True),
)


@page("/front-pages/contacts", "机构与联系人", "Contacts", right="contacts.read", group=GROUP, icon="contact_phone")
async def contacts(desk: Desk) -> None:
    """One row an institution; a click fills it in."""
    with card(
        desk.say("首页工作联系人", "Contacts for front pages"),
        desk.say("身份证号默认脱敏；点击一行填写", "ID numbers are masked; click a row to fill it in")
        if desk.may("contacts.write")
        else desk.say("身份证号默认脱敏", "ID numbers are masked"),
    ):
        with ui.row().classes("sj-tools"):
            figures = ui.element("div")
            ui.space()
            if desk.may("records.personal"):
                ui.button(
                    desk.say("显示身份证号", "Show ID numbers"), icon="visibility", on_click=lambda: _reveal(desk, show)
                ).props("outline dense no-caps")
            export(desk, f"{_API}/export", dict)
        place = ui.element("div")

    async def show(*, personal: bool = False) -> None:
        said = await desk.get(_API, personal=personal or None)
        figures.clear()
        with figures:
            numbers([(desk.say("已填写", "Filled in"), f"{said['filled']} / {len(said['contacts'])}", "", "")])
        rows = [_row(desk, one) for one in said["contacts"]]

        async def load(limit: int, offset: int) -> tuple[list[Row], int]:
            return rows[offset : offset + limit], len(rows)

        async def choose(row: Row) -> None:
            _fill(desk, row, show)

        place.clear()
        with place:
            await Grid(desk, _COLUMNS, load, None, choose if desk.may("contacts.write") else None).refresh()

    later(desk, show)


def _row(desk: Desk, one: dict[str, Any]) -> Row:
    lacking = desk.say("、", ", ").join(desk.say(*_NAMES[name]) for name in one["missing"])
    return {
        **one,
        "filled_": str(one["filled"]).lower(),
        "lacking": lacking,
        "kind": f"{level_name(desk.lang, str(one['level']))} {type_name(desk.lang, one['type'])}".strip(),
        "sex_": desk.say(*_SEXES[one["sex"]]) if one["sex"] else "",
    }


def _reveal(desk: Desk, show: Any) -> None:
    async def yes(_: str) -> None:
        await show(personal=True)

    ask(
        desk,
        desk.say("显示身份证号？", "Show ID numbers?"),
        desk.say("本次查看会记入审计日志。", "This look goes into the audit log."),
        yes,
        yes=desk.say("显示", "Show"),
    )


def _fill(desk: Desk, row: Row, again: Any) -> None:
    fields = (
        Field("name", "联系人姓名", "Name"),
        Field("sex", "性别", "Sex", "choice", options={value: desk.say(*words) for value, words in _SEXES.items()}),
        Field("birth_year", "出生年份", "Year of birth", "number"),
        Field("title", "职称/职务", "Title"),
        Field("phone", "办公电话", "Phone"),
        Field("mobile", "手机", "Mobile phone"),
        Field(
            "id_number",
            "身份证号",
            "ID number",
            hint=desk.say(
                f"已填：{row['id_number']}；不修改请留空",
                f"filled in: {row['id_number']}; leave empty to keep it",
            )
            if row["id_number"]
            else "",
        ),
    )

    async def save(values: dict[str, Any]) -> None:
        body = {name: value for name, value in values.items() if value not in (None, "")}
        body["birth_year"] = int(body.get("birth_year", 0))
        await desk.put(f"{_API}/{quote(row['org'])}", body)
        told(desk, "已保存", "Saved")
        await act(desk, again)()

    shown = {**row, "id_number": "", "birth_year": row["birth_year"] or None}
    form(desk, f"{row['org_name']} {row['org']}", fields, shown, save)
