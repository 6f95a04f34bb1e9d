"""The list of alerts: by state, the gravest and newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.alerts import look
from api.console.parts import fresh, orgs, standard
from api.console.parts.bar import Bar
from api.console.parts.figures import moment
from api.console.parts.grid import Col, Grid
from api.console.parts.notes import act, card, empty
from api.console.routing import page
from api.console.words import CASE_STATES, KINDS, SEVERITIES

_PATH = "/alerts"
#: Severities of alerts; the word "error" is one of findings.
_GRADES = ("critical", "warning", "info")


@page(_PATH, "告警", "Alerts", right="cases.read", group="watch", icon="notifications_active")
async def alerts(
    desk: Desk, state: str = "open", kind: str = "", severity: str = "", org: str = "", table: str = "", text: str = "",
    stage: str = "", mine: str = "", overdue: str = "", sort: str = "severity",
) -> None:  # fmt: skip
    """All alerts of the institutions that this person may see."""
    known = state if state in CASE_STATES else "open"
    tables = await standard.table_names(desk)
    with ui.row().classes("sj-tabs"):
        tabs = ui.toggle({name: _word(desk, name) for name in CASE_STATES}, value=known).props(
            f'no-caps unelevated toggle-color=primary aria-label="{desk.say("状态", "State")}"'
        )
        ui.space()
        ui.link(desk.say("月度汇总", "Monthly summary"), "/alerts/summary")
    bar = Bar(desk, _PATH, {
        "state": known, "kind": kind, "severity": severity, "org": org, "table": table, "text": text, "stage": stage,
        "mine": mine, "overdue": overdue, "sort": sort,
    })  # fmt: skip
    await _fields(desk, bar, tables)
    with card():
        place = ui.element("div")

    def wanted() -> dict[str, str]:
        given = bar.query()
        if given.pop("mine", ""):
            given["side"] = "hospital" if desk.may("cases.respond") else "overseer"
        given["order"] = "asc" if given.get("sort") == "due_at" else "desc"
        return given

    async def load(limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        said = await desk.get("/cases", limit=limit, offset=offset, **wanted())
        return [_row(desk, case) for case in said["cases"]], said["total"]

    async def chosen(row: dict[str, Any]) -> None:
        ui.navigate.to(f"/alerts/{row['id']}")

    with place:
        grid = Grid(desk, _columns(), load, lambda: _nothing(desk, bar), chosen)

    async def counts() -> None:
        asked = {name: value for name, value in wanted().items() if name not in ("state", "sort", "order")}
        found = {name: (await desk.get("/cases", limit=1, **asked, state=name))["total"] for name in CASE_STATES}
        tabs.set_options({name: f"{_word(desk, name)} {count:,}" for name, count in found.items()}, value=tabs.value)

    async def refresh() -> None:
        await counts()
        await grid.refresh()

    async def again() -> None:
        await counts()
        await grid.again()

    tabs.on_value_change(act(desk, lambda event: bar.choose(state=event.value)))
    bar.on_change(refresh)
    await refresh()
    fresh.watch(desk, again)


async def _fields(desk: Desk, bar: Bar, tables: standard.Names) -> None:
    every = {"": desk.say("全部", "all")}
    bar.select("severity", desk.say("级别", "Severity"),
               every | {name: desk.say(SEVERITIES[name].zh, SEVERITIES[name].en) for name in _GRADES})  # fmt: skip
    bar.select("kind", desk.say("种类", "Kind"), every | {name: desk.say(*words) for name, words in KINDS.items()})
    bar.org(await orgs.names(desk))
    bar.select("table", desk.say("表", "Table"),
               every | {name: standard.named(desk, tables, name) for name in tables}, search=True)  # fmt: skip
    bar.select("stage", desk.say("闭环阶段", "Stage"),
               every | {name: desk.say(one.zh, one.en) for name, one in look.STAGES.items()})  # fmt: skip
    bar.text("text", desk.say("搜索", "Search"))
    bar.select("sort", desk.say("排序", "Order"), {
        "severity": desk.say("最严重的在前", "gravest first"), "opened_at": desk.say("最新的在前", "newest first"),
        "changed_at": desk.say("最近变化的在前", "last changed first"),
        "due_at": desk.say("最急的在前", "most urgent first"),
    })  # fmt: skip
    if desk.may("cases.respond") or desk.may("cases.oversee"):
        bar.switch("mine", desk.say("轮到我方", "Our turn"))
    bar.switch("overdue", desk.say("已逾期", "Overdue"))


def _columns() -> list[Col]:
    return [
        Col("severity", "级别", "Severity", looks=SEVERITIES),
        Col("kind", "种类", "Kind"),
        Col("what", "情况", "What is wrong", wrap=True, link=lambda row: f"/alerts/{row['id']}"),
        Col("where", "机构", "Institution"),
        Col("opened_at", "发现", "Since", kind="time"),
        Col("stage", "闭环", "Stage", looks=look.STAGES),
        Col("until", "期限", "Due"),
    ]


def _row(desk: Desk, case: Mapping[str, Any]) -> dict[str, Any]:
    until = moment(case["due_at"]) if case["due_at"] else ""
    return {
        **case, "what": case[desk.lang], "kind": desk.say(*KINDS.get(case["kind"], (case["kind"],) * 2)),
        "where": case["org_name"] or case["org"] or desk.say("本平台", "our platform"),
        "until": f"⚠ {until} {desk.say('逾期', 'overdue')}" if case["overdue"] else until,
    }  # fmt: skip


def _word(desk: Desk, state: str) -> str:
    return desk.say(CASE_STATES[state].zh, CASE_STATES[state].en)


def _nothing(desk: Desk, bar: Bar) -> None:
    narrowed = set(bar.query()) - {"state", "sort"}
    if narrowed:
        empty(desk, "没有符合条件的告警", "No alert is like that", "换一个筛选条件或状态",
              "Try other filters or another state", "filter_alt_off")  # fmt: skip
    elif bar.values["state"] == "open":
        empty(desk, "没有待处理的告警", "No open alerts", "新告警出现时会自动显示在这里",
              "New ones appear here by themselves", "check_circle")  # fmt: skip
    else:
        empty(desk, "没有这种状态的告警", "No alert is in this state", "看看其他状态", "Look at the other states")
