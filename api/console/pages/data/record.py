"""Everything of one visit: each table's rows with their findings beside the cells, personal values masked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.data.front_sheet import sheet_of
from api.console.pages.data.record_table import PARTS, html_of
from api.console.parts import orgs
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import count
from api.console.parts.later import later
from api.console.parts.notes import ask, card
from api.console.routing import page

#: Rows of a table that are shown at once; a long stay has thousands of charges.
_FIRST = 100


@page("/records/{org}/{visit}", "就诊记录", "Record of a visit", right="records.read")
async def record(desk: Desk, org: str, visit: str, row: str = "") -> None:
    """``row``: the key of the row that somebody came for; it is marked."""
    path = f"/records/{quote(org)}/{quote(visit, safe='')}"
    name = (await orgs.names(desk)).get(org, org)
    whole = ui.element("div").classes("sj-wide sj-stack")

    async def show(*, personal: bool = False) -> None:
        said = await desk.get(path, personal=personal or None)
        whole.clear()
        with whole:
            _head(desk, said, name, lambda: _reveal(desk, show))
            _sections(desk, said, row)

    later(desk, show)


def _reveal(desk: Desk, show: Any) -> None:
    async def yes(_: str) -> None:
        await show(personal=True)

    ask(
        desk, desk.say("显示个人信息？", "Show personal data?"),
        desk.say("将显示姓名、证件号、电话、住址等原文。本次查看会记入审计日志（谁、何时、哪次就诊）。",
                 "Names, ID numbers, phones and addresses will be shown as they were sent. This look goes into the "
                 "audit log: who, when, which visit."),
        yes, yes=desk.say("显示", "Show"),
    )  # fmt: skip


def _head(desk: Desk, said: dict[str, Any], name: str, reveal: Any) -> None:
    rows = [row for section in said["sections"] for row in section["rows"]]
    rejected = sum(row["state"] == "rejected" for row in rows)
    with card(desk.say(f"就诊流水号 {said['visit']}", f"Visit {said['visit']}")):
        with ui.element("div").classes("sj-corner"):
            if said["personal"]:
                text = desk.say("正在显示个人信息，已记入审计日志", "Personal data are shown; it is in the audit log")
                ui.label(text).classes("sj-bad sj-strong")
            elif desk.may("records.personal"):
                ui.button(desk.say("显示个人信息", "Show personal data"), icon="visibility", on_click=reveal).props(
                    "outline dense no-caps"
                )
        facts(
            [
                Fact(desk.say("机构", "Institution"), name if name == said["org"] else f"{name} {said['org']}"),
                Fact(desk.say("记录", "Rows"), count(len(rows))),
                Fact(desk.say("其中拒收", "Rejected"), count(rejected)),
                Fact(desk.say("问题", "Findings"), count(said["findings"])),
            ],
            inline=True,
        )
        with ui.element("nav").classes("sj-inline").props(f'aria-label="{desk.say("各部分", "Parts")}"'):
            for part, words in PARTS.items():
                there = [one for one in said["sections"] if one["part"] == part]
                found = sum(len(one["rows"]) for one in there)
                if there:
                    ui.link(f"{desk.say(*words)}（{found}）", f"#sj-part-{part}")
        if not said["personal"]:
            text = desk.say("个人信息已脱敏。▲ 错误 ◆ 警告", "Personal data are masked. ▲ error ◆ warning")
            ui.label(text).classes("sj-muted")


def _sections(desk: Desk, said: dict[str, Any], row: str) -> None:
    shown: set[str] = set()
    for section in said["sections"]:
        if section["rows"]:
            _section(desk, section, row, anchor="" if section["part"] in shown else section["part"])
            shown.add(section["part"])
    lacking = [desk.told(section, "table") for section in said["sections"] if not section["rows"]]
    if lacking:
        with card(desk.say("没有记录的表", "Tables without a row")):
            ui.label(desk.say("、", ", ").join(lacking)).classes("sj-muted")


def _section(desk: Desk, section: dict[str, Any], row: str, *, anchor: str) -> None:
    found = sum(len(one["findings"]) for one in section["rows"])
    more = desk.say(f"{count(len(section['rows']))} 行", f"{count(len(section['rows']))} rows")
    if found:
        more += desk.say(f"，{count(found)} 个问题", f", {count(found)} findings")
    with card(f"{desk.told(section, 'table')} {section['table']}", more):
        if anchor:
            ui.element("span").props(f'id="sj-part-{anchor}"')
        place = ui.element("div").classes("sj-wide")
        _rows(desk, section, row, place, _FIRST)


def _rows(desk: Desk, section: dict[str, Any], row: str, place: ui.element, limit: int) -> None:
    hidden = len(section["rows"]) - limit
    place.clear()
    with place:
        if section["part"] == "front_page":
            for one in section["rows"][:limit]:
                ui.html(sheet_of(section["columns"], one, desk.lang), sanitize=False).classes("sj-wide")
            return
        ui.html(html_of(section, desk.lang, limit, row), sanitize=False).classes("sj-scroll")
        if hidden > 0:
            every = len(section["rows"])
            ui.button(
                desk.say(f"显示其余 {count(hidden)} 行", f"Show {count(hidden)} more rows"),
                on_click=lambda: _rows(desk, section, row, place, every),
            ).props("flat dense no-caps")
        if section["more"]:
            text = desk.say(f"另有 {count(section['more'])} 行太多，未显示。",
                            f"{count(section['more'])} more rows are too many to be shown.")  # fmt: skip
            ui.label(text).classes("sj-muted")
