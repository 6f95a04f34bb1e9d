"""The page of one institution and month."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.frame import script
from api.console.pages.institution import calendar, one_day, summary
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.grid import Row
from api.console.parts.later import later
from api.console.parts.levels import level_name, type_name
from api.console.parts.notes import act, card
from api.console.parts.report import month_ends
from api.console.parts.standard import table_names
from api.console.routing import page

#: There are never more tables than this for an institution.
_TABLES = 100
_RULES, _CASES = 10, 100


@page("/orgs/{org}", "机构", "Institution", right="indicators.read")
async def institution(desk: Desk, org: str, month: str = "", day: str = "", table: str = "") -> None:
    """Everything about one institution in one month."""
    path = f"/orgs/{quote(org, safe='')}"
    known, names = await asyncio.gather(orgs.facts(desk, org), table_names(desk))
    with ui.element("div").classes("sj-org-head"):
        ui.label(known.get("name") or org).classes("sj-org-name").props('role="heading" aria-level="2"')
        ui.label(org).classes("sj-mono sj-muted")
    bar = Bar(desk, path, {"month": month})
    bar.month()
    with bar.row:
        ui.space()
        ui.link(desk.say("实时监测", "Live monitor"), "/")
    script("grid.js")
    whole = ui.element("div").classes("sj-wide sj-stack")

    async def open_day(table: str, chosen: str) -> None:
        await one_day.show(desk, org, table, chosen, names)

    async def refresh() -> None:
        read = await _read(desk, org, bar.values["month"])
        whole.clear()
        with whole:
            await _show(desk, org, bar.values["month"], known, names, read, open_day)

    async def begin() -> None:
        await bar.show()
        if _is_day(day):
            await open_day(table, day)

    bar.on_change(refresh)
    later(desk, begin)


async def _read(desk: Desk, org: str, month: str) -> dict[str, Any]:
    asked: dict[str, Any] = {"org": org, "month": month}
    first, last = month_ends(month)
    answers = await asyncio.gather(
        desk.get("/indicators/calendar", **asked, limit=_TABLES),
        desk.get("/indicators/check_report", **asked, limit=_TABLES),
        desk.get("/indicators/check_report/rules", **asked, limit=_RULES),
        *(desk.get(f"/indicators/{name}", **asked) for name in summary.MAPPINGS),
        desk.get("/cases", org=org, from_=first, to=last, limit=_CASES),
    )
    names = ("calendar", "report", "rules", *summary.MAPPINGS, "cases")
    return dict(zip(names, answers, strict=True))


async def _show(
    desk: Desk, org: str, month: str, known: dict[str, Any], names: dict[str, tuple[str, str]], read: dict[str, Any],
    open_day: Any,
) -> None:  # fmt: skip
    summary.figures(desk, read["report"]["totals"], read["calendar"]["totals"], read["cases"])
    how = desk.say("点击一格查看当天的批次和问题", "choose a cell for the batches and findings of that day")
    with card(desk.say("上传日历", "Upload calendar"), how):
        calendar.show(desk, month, names, read["calendar"]["rows"], act(desk, open_day))
    with ui.element("div").classes("sj-row"):
        with card(desk.say("各表合计", "By table")):
            await summary.tables(desk, org, month, read["report"])
        with card(desk.say("违反最多的规则", "Rules violated most")):
            summary.rules(desk, org, month, read["rules"]["rows"])
    with ui.element("div").classes("sj-row"):
        with card(desk.say("本月告警", "Alerts of this month"), desk.say("新的在前", "newest first")):
            summary.timeline(desk, org, read["cases"]["cases"], read["cases"]["total"])
        with ui.element("div").classes("sj-stack"):
            with card(desk.say("对码情况", "Code mapping")):
                summary.mappings(desk, org, month, read)
            with card(desk.say("机构资料", "Facts and contact")):
                _facts(desk, org, known, read["calendar"]["rows"])


def _facts(desk: Desk, org: str, known: dict[str, Any], rows: list[Row]) -> None:
    say, empty = desk.say, calendar.declared_empty(rows)
    if not known:
        ui.label(say("机构名录里没有这个机构，请管理员登记。", "Not in the list; ask an administrator."))
        return
    offered = (("outpatient", "门诊", "outpatients"), ("inpatient", "住院", "wards"))
    care = [say(zh, en) for name, zh, en in offered if known[name]]
    starts = "" if known["starts_on"] == date(1970, 1, 1).isoformat() else known["starts_on"]
    facts([
        Fact(say("联系人", "Contact"), known["contact"]), Fact(say("电话", "Phone"), known["phone"]),
        Fact(say("级别与类型", "Level, type"),
             f"{level_name(desk.lang, str(known['level']))} · {type_name(desk.lang, known['type'])}"),
        Fact(say("诊疗", "Care"), "、".join(care)),
        Fact(say("地区", "Region"), known["county"] or known["city"],
             f"/?{urlencode({'city': known['city']})}" if known["city"] else ""),
        Fact(say("开始日期", "Starts on"), starts),
        Fact(say("状态", "State"), _state(desk, known)),
        Fact(say("零申报", "Declared empty"), "、".join(empty) or say("本月没有", "none this month")),
    ])  # fmt: skip
    if not known["contact"] and not known["phone"]:
        ui.label(say("没有登记联系方式，请管理员补充。", "No contact is known yet.")).classes("sj-muted")


def _state(desk: Desk, known: dict[str, Any]) -> str:
    words = [desk.say("启用", "active") if known["active"] else desk.say("停用", "not active")]
    if known["test"]:
        words.append(desk.say("测试机构，不计入合计", "test institution, in no total"))
    return " · ".join(words)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
