"""One alert: what is wrong since when, what to do, the closed loop, everything that was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.alerts import look
from api.console.pages.alerts.acts import Acts
from api.console.pages.alerts.details import Names, parts, ways
from api.console.pages.alerts.loop import stepper
from api.console.pages.alerts.measure import figures
from api.console.pages.alerts.steps import timeline
from api.console.parts import fresh, orgs, standard
from api.console.parts.badges import badge
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import moment
from api.console.parts.notes import card
from api.console.routing import PAGES, page
from api.console.words import CASE_STATES, KINDS, SEVERITIES, named

Row = Mapping[str, Any]


@page("/alerts/{case_id}", "告警", "Alert", right="cases.read")
async def alert(desk: Desk, case_id: str) -> None:
    """The page of one alert."""
    tables = await standard.table_names(desk)
    place = ui.element("div").classes("sj-stack")

    async def again() -> None:
        said = await desk.get(f"/cases/{case_id}")
        contact = await orgs.contact(desk, said["case"]["org"])
        place.clear()
        with place:
            _show(desk, said["case"], said["steps"], acts, tables, contact)

    acts = Acts(desk, again)
    await again()
    fresh.watch(desk, again)


def _show(desk: Desk, case: Row, steps: list[Row], acts: Acts, tables: Names, contact: Row) -> None:
    with card():
        _head(desk, case, tables)
        acts.buttons(case, steps)
    if case["org"]:
        with card(
            desk.say("闭环", "Closed loop"),
            desk.say("问题线索 → 核实 → 处理 → 复核", "clue → verification → handling → review"),
        ):
            stepper(desk, case, steps)
    with ui.element("div").classes("sj-row"):
        with ui.element("div").classes("sj-stack sj-two"):
            with card(desk.say("要做什么", "What to do")):
                ui.label(desk.told(case, "fix")).classes("sj-fix")
                _ways(desk, case)
            _figures(desk, case)
            _details(desk, case, tables)
        with ui.element("div").classes("sj-stack"):
            _contact(desk, case, contact)
            with card(desk.say("经过", "What happened"), desk.say("最新的在前", "newest first")):
                timeline(desk, steps)


def _head(desk: Desk, case: Row, tables: Names) -> None:
    lang = desk.lang
    with ui.row().classes("sj-badges"):
        badge(desk, SEVERITIES, case["severity"])
        badge(desk, CASE_STATES, case["state"])
        ui.label(named(KINDS, case["kind"], lang)).classes("sj-strong")
        if case["overdue"]:
            ui.label(desk.say("⚠ 已逾期", "⚠ overdue")).classes("sj-bad sj-strong")
        if case["flapping"]:
            ui.label(desk.say("时好时坏，稳定前不再提醒", "comes and goes; no notices until it is stable")).classes(
                "sj-warn"
            )
        ui.space()
        ui.link(desk.say("返回列表", "Back to the list"), "/alerts")
    ui.label(str(case[lang])).classes("sj-case-title").props('role="heading" aria-level="2"')
    facts([
        Fact(desk.say("机构", "Institution"), case["org_name"] or case["org"] or desk.say("本平台", "our platform")),
        Fact(desk.say("表", "Table"), standard.named(desk, tables, case["table"])),
        Fact(desk.say("业务日期", "Business day"), case["biz_date"] or ""),
        Fact(desk.say("发现", "Since"), _since(desk, case)),
        Fact(desk.say("暂停至", "Snoozed until"), moment(case["snoozed_until"]) if case["snoozed_until"] else ""),
        Fact(desk.say("再次出现", "Came back"),
             desk.say(f"{case['reopened']} 次", f"{case['reopened']} times") if case["reopened"] else ""),
        Fact(desk.say("结果", "Ended"), look.ending(case["ending"], lang) if case["ending"] else ""),
    ], inline=True)  # fmt: skip


def _since(desk: Desk, case: Row) -> str:
    opened = datetime.fromisoformat(case["opened_at"])
    spent = look.ago(opened, datetime.now(UTC), desk.lang)
    return f"{moment(opened)}（{desk.say(f'{spent}前', f'{spent} ago')}）"


def _figures(desk: Desk, case: Row) -> None:
    found = figures(case)
    if not found:
        return
    with card(desk.say("数值", "Figures")), ui.element("div").classes("sj-numbers"):
        for fact in found:
            with ui.element("div").classes(f"sj-number {'sj-number-bad' if fact.tone else ''}"):
                ui.html(f"<h3>{desk.say(fact.zh, fact.en)}</h3><b>{fact.text}</b>", sanitize=False)


def _details(desk: Desk, case: Row, tables: Names) -> None:
    for part in parts(case, tables):
        with card(desk.say(part.zh, part.en)), ui.element("ul").classes("sj-list"):
            for line in part.lines:
                with ui.element("li"):
                    text = desk.say(line.zh, line.en)
                    if line.href and desk.may("standard.read"):
                        ui.link(text, line.href)
                    else:
                        ui.label(text)
                    if line.figure:
                        ui.label(line.figure).classes("sj-figure")


def _ways(desk: Desk, case: Row) -> None:
    known = [way for way in ways(case) if way.page in PAGES and desk.may(PAGES[way.page].right)]
    with ui.row().classes("sj-ways"):
        for way in known:
            ui.link(desk.say(way.zh, way.en), way.href).classes("sj-way")


def _contact(desk: Desk, case: Row, contact: Row) -> None:
    if not contact:
        return
    with card(desk.say("联系人", "Contact")):
        ui.label(contact["name"]).classes("sj-strong")
        told = " ".join(part for part in (contact["contact"], contact["phone"]) if part)
        ui.label(
            told or desk.say("没有登记联系人；可在“机构”中补充。", "None is entered; see the list of institutions.")
        )
        ui.label(case["org"]).classes("sj-mono sj-muted")
