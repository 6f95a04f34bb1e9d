"""Rules: the list to search in, and one rule with what it checks, how to mend it, and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.standard import words
from api.console.parts import standard
from api.console.parts.badges import badge
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.notes import act, card
from api.console.parts.strip import strip
from api.console.routing import page
from api.console.words import SEVERITIES

Row = Mapping[str, Any]
_PATH = "/standard/rules"


@page(_PATH, "规则", "Rules", right="standard.read")
async def standard_rules(
    desk: Desk, q: str = "", table: str = "", column: str = "", severity: str = "", scope: str = ""
) -> None:
    """All rules."""
    strip(desk, words.PAGES, _PATH)
    tables = await standard.table_names(desk)
    every = {"": desk.say("全部", "all")}
    bar = Bar(desk, _PATH, {"q": q, "table": table, "column": column, "severity": severity, "scope": scope})
    bar.text("q", desk.say("搜索编号、列、内容", "Search id, column, text"))
    bar.select("table", desk.say("表", "Table"),
               every | {name: standard.named(desk, tables, name) for name in tables}, search=True)  # fmt: skip
    bar.text("column", desk.say("列", "Column"))
    bar.select("severity", desk.say("级别", "Severity"), every | {
        "error": desk.say("错误（拒收）", "error (rejects)"), "warning": desk.say("警告（入库）", "warning (flags)"),
    })  # fmt: skip
    bar.select("scope", desk.say("何时判断", "Decided"),
               every | {name: desk.say(*pair) for name, pair in words.SCOPES.items()})  # fmt: skip
    with bar.row:
        ui.space()
        export(desk, "/standard/rules", bar.query)
    with card():
        place = ui.element("div")

    async def load(limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        said = await desk.get("/standard/rules", limit=limit, offset=offset, **bar.query())
        return [_row(desk, rule) for rule in said["rules"]], said["total"]

    columns = [
        Col("rule_id", "规则", "Rule", link=lambda row: f"{_PATH}/{quote(row['rule_id'])}"),
        Col("severity", "级别", "Severity", looks=SEVERITIES), Col("where", "表", "Table"),
        Col("of", "列", "Columns", wrap=True), Col("what", "内容", "What it says", wrap=True),
        Col("fix", "怎么改正", "What to do", wrap=True),
    ]  # fmt: skip
    with place:
        grid = Grid(desk, columns, load, on_row=_open)
    bar.on_change(grid.refresh)
    await act(desk, grid.refresh)()


async def _open(row: dict[str, Any]) -> None:
    ui.navigate.to(f"{_PATH}/{quote(row['rule_id'])}")


def _row(desk: Desk, rule: Row) -> dict[str, Any]:
    named = zip(rule["columns"], rule["columns_zh"], strict=True)
    of = "、".join(f"{zh} {name}" for name, zh in named) if desk.lang == "zh" else ", ".join(rule["columns"])
    where = f"{rule['table_zh']} {rule['table']}" if desk.lang == "zh" else rule["table"]
    return {**rule, "what": rule[desk.lang], "of": of, "where": where, "fix": desk.told(rule, "fix")}


@page(f"{_PATH}/{{rule_id}}", "规则", "Rule", right="standard.read")
async def standard_rule(desk: Desk, rule_id: str) -> None:
    """One rule."""
    rule = await desk.get(f"{_PATH}/{quote(rule_id)}")
    strip(desk, words.PAGES, _PATH)
    with card():
        with ui.row().classes("sj-badges"):
            ui.label(rule["rule_id"]).classes("sj-mono sj-strong")
            badge(desk, SEVERITIES, rule["severity"])
            ui.label(desk.say("违反则拒收该行", "rejects the row") if rule["severity"] == "error"
                     else desk.say("入库并提示", "lands and is flagged")).classes("sj-muted")  # fmt: skip
        ui.label(rule[desk.lang]).classes("sj-case-title").props('role="heading" aria-level="2"')
        facts([
            Fact(desk.say("表", "Table"), f"{rule['table_zh']} {rule['table']}" if desk.lang == "zh" else rule["table"],
                 f"/standard/tables/{quote(rule['table'])}"),
            Fact(desk.say("列", "Columns"), _row(desk, rule)["of"]),
            Fact(desk.say("何时判断", "Decided"),
                 "；".join(words.pair(words.SCOPES, one, desk.lang) for one in rule["scope"])),
            Fact(desk.say("来源", "Source"), words.pair(words.SOURCES, rule["source"], desk.lang)),
            Fact(desk.say("把握程度", "Confidence"), words.pair(words.CONFIDENCES, rule["confidence"], desk.lang)),
        ], inline=True)  # fmt: skip
    with ui.element("div").classes("sj-row"):
        with card(desk.say("怎么改正", "What to do")):
            ui.label(desk.told(rule, "fix")).classes("sj-fix")
            query = urlencode({"rule_id": rule["rule_id"], "table": rule["table"]})
            if desk.may("findings.read"):
                ui.link(desk.say("查看违反本规则的问题", "Findings of this rule"), f"/findings?{query}")
        with card(desk.say("检查内容", "What is checked")), ui.element("ol").classes("sj-list"):
            for check in rule["checks"]:
                _check(desk, check)
    if rule["fail_example"] or rule["pass_example"]:
        with card(desk.say("示例", "Examples"), desk.say("虚构的数据", "invented")):
            await Grid(desk, _example_columns(rule), pages_of(_examples(desk, rule)), whole=True).refresh()


def _check(desk: Desk, check: Row) -> None:
    with ui.element("li"), ui.element("div"):
        what = words.pair(words.CHECKS, check["kind"], desk.lang)
        ui.label(f"{what}：{'、'.join(check['columns'])}" if desk.lang == "zh"
                 else f"{what}: {', '.join(check['columns'])}")  # fmt: skip
        if check["params"]:
            told = "；".join(f"{name}：{words.plainly(value)}" for name, value in check["params"].items())
            ui.label(told).classes("sj-mono sj-muted")
        if check["when"]:
            ui.label(desk.say("仅当 ", "only when ") + words.plainly(check["when"])).classes("sj-mono sj-muted")


def _example_columns(rule: Row) -> list[Col]:
    names = dict.fromkeys([*rule["fail_example"], *rule["pass_example"]])
    return [Col("_which", "", ""), *(Col(name, name, name) for name in names)]


def _examples(desk: Desk, rule: Row) -> list[dict[str, Any]]:
    found = []
    for name, title in (("pass_example", desk.say("✓ 通过", "✓ passes")),
                        ("fail_example", desk.say("✕ 不通过", "✕ fails"))):  # fmt: skip
        if rule[name]:
            shown = {column: value or desk.say("（空）", "(empty)") for column, value in rule[name].items()}
            found.append({"_which": title, **shown})
    return found
