"""Standard tables, and one table with its columns, references and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.standard import words
from api.console.parts.facts import Fact, facts
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.notes import card
from api.console.parts.strip import strip
from api.console.routing import page
from api.console.words import SEVERITIES

Row = Mapping[str, Any]


@page("/standard", "标准与规则", "Standard, rules", right="standard.read", group="join", icon="menu_book")
async def standard_tables(desk: Desk) -> None:
    """Every table, in the order of a patient's way."""
    with strip(desk, words.PAGES, "/standard"):
        ui.space()
        export(desk, "/standard/rules", dict, desk.say("导出规则", "Export the rules"))
    about = await desk.get("/standard")
    with ui.element("div").classes("sj-numbers"):
        for name, zh, en in (
            ("tables", "标准表", "tables"), ("columns", "列", "columns"), ("errors", "拒收规则", "rules that reject"),
            ("warnings", "警告规则", "rules that flag"), ("code_sets", "值域与目录", "lists of codes"),
            ("codes", "代码", "codes"),
        ):  # fmt: skip
            with ui.element("div").classes("sj-number"):
                ui.html(f"<h3>{desk.say(zh, en)}</h3><b>{about[name]:,}</b>", sanitize=False)
    rows = [
        {**one, "name": desk.told(one, "name"), "where": one["domain_zh"] if desk.lang == "zh" else one["domain"],
         "keys": " + ".join(one["key"])}
        for one in (await desk.get("/standard/tables"))["tables"]
    ]  # fmt: skip
    with card(desk.say("标准表", "Tables"), desk.say(f"版本 {about['version']}", f"version {about['version']}")):
        columns = [
            Col("table", "表", "Table", link=lambda row: _address(row["table"])), Col("name", "名称", "Name"),
            Col("where", "类别", "Kind"), Col("keys", "主键", "Key"), Col("biz_date", "业务日期列", "Business date"),
            Col("columns", "列", "Columns", kind="int"), Col("rules", "规则", "Rules", kind="int"),
        ]  # fmt: skip
        await Grid(desk, columns, pages_of(rows), on_row=_open, whole=True).refresh()


async def _open(row: dict[str, Any]) -> None:
    ui.navigate.to(_address(row["table"]))


def _address(table: str) -> str:
    return f"/standard/tables/{quote(table)}"


@page("/standard/tables/{table}", "标准表", "Table", right="standard.read")
async def standard_table(desk: Desk, table: str) -> None:
    """One table."""
    said = await desk.get(f"/standard/tables/{quote(table)}")
    strip(desk, words.PAGES, "/standard")
    with card():
        ui.label(f"{desk.told(said, 'name')} {said['table']}").classes("sj-case-title").props(
            'role="heading" aria-level="2"'
        )
        facts([
            Fact(desk.say("主键", "Key"), " + ".join(said["key"])),
            Fact(desk.say("业务日期", "Business date"), said["biz_date"]),
            Fact(desk.say("患者", "Patient"), said["patient_key"]), Fact(desk.say("就诊", "Visit"), said["visit_key"]),
            Fact(desk.say("别名", "Also called"), "、".join(said["aliases"])),
            Fact(desk.say("说明", "Note"), words.half(said["note"], desk.lang)),
        ], inline=True)  # fmt: skip
        for parent in said["parents"]:
            pairs = "，".join(f"{own} → {other}" for own, other in parent["columns"].items())
            with ui.row().classes("sj-ways"):
                ui.label(desk.say("引用", "Refers to")).classes("sj-muted")
                ui.link(f"{parent['table_zh']} {parent['table']}", _address(parent["table"]))
                ui.label(pairs).classes("sj-mono")
    with card(desk.say("列", "Columns"), str(said["columns"])):
        rows = [_column(desk, one) for one in said["column_list"]]
        await Grid(desk, _columns(said["table"]), pages_of(rows), whole=True).refresh()
    with card(desk.say("规则", "Rules"), str(said["rules"])):
        rules = [{**rule, "what": rule[desk.lang]} for rule in said["rule_list"]]
        columns = [
            Col("rule_id", "规则", "Rule", link=lambda row: f"/standard/rules/{quote(row['rule_id'])}"),
            Col("severity", "级别", "Severity", looks=SEVERITIES), Col("what", "内容", "What it says", wrap=True),
        ]  # fmt: skip
        await Grid(desk, columns, pages_of(rules)).refresh()


def _columns(table: str) -> list[Col]:
    return [
        Col("number", "#", "#", kind="int"), Col("name", "列", "Column"), Col("called", "名称", "Name"),
        Col("kind", "类型", "Type"), Col("needed", "要求", "Needed"),
        Col("code_set", "值域", "Codes", link=lambda row: f"/standard/codes/{quote(row['code_set'])}"),
        Col("mapped", "对码", "Mapped", link=lambda row: f"/standard/codes/{row['maps'][0] if row['maps'] else ''}"),
        Col("private", "个人信息", "Personal"),
        Col("rules", "规则", "Rules", link=lambda row: f"/standard/rules?table={table}&column={row['name']}"),
        Col("note", "说明", "Note", wrap=True),
    ]  # fmt: skip


def _column(desk: Desk, one: Row) -> dict[str, Any]:
    kind = one["type_zh"] if desk.lang == "zh" else one["type"]
    needed = [desk.say("主键", "key")] if one["key"] else []
    needed += [desk.say("必填", "mandatory")] if one["required"] else []
    needed += [desk.say("可填 -", '"-" counts')] if one["dash_filled"] else []
    return {
        **one, "called": desk.told(one, "name"), "kind": f"{kind}({one['length']})" if one["length"] else kind,
        "needed": "，".join(needed),
        "mapped": "、".join(words.pair(words.MAPS, name, desk.lang) for name in one["maps"]),
        "private": one["personal_zh"] if desk.lang == "zh" else one["personal"],
    }  # fmt: skip
