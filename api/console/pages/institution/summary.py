"""What stands below an institution's calendar: totals, rules, code mapping, alerts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.reports import check_charts
from api.console.parts.badges import badge
from api.console.parts.figures import count, moment, percent
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.notes import empty
from api.console.parts.report import month_ends, numbers
from api.console.words import ACCEPTED, CASE_STATES, FLAGGED, KINDS, REJECTED, SEVERITIES, named

#: Indicators of code mapping, and the tab of the page about them.
MAPPINGS = {"drug_mapping": "drug", "department_mapping": "department", "item_mapping": "item"}


def figures(desk: Desk, totals: dict[str, Any], states: dict[str, int], cases: dict[str, Any]) -> None:
    """The month in figures."""
    live = sum(case["state"] != "resolved" for case in cases["cases"])
    numbers([
        (desk.say("接收", "Received"), count(totals.get("received") or 0), "", ""),
        (desk.say("入库", "Accepted"), count(totals.get("accepted") or 0), "", ACCEPTED),
        (desk.say("拒收", "Rejected"), count(totals.get("rejected") or 0), percent(totals.get("rejection_rate")),
         REJECTED),
        (desk.say("异常率", "Anomaly rate"), percent(totals.get("anomaly_rate")),
         desk.say("拒收 + 警告", "rejected + flagged"), FLAGGED),
        (desk.say("漏传（表 × 日）", "Missing days"), count(states.get("missing", 0)), "", REJECTED),
        (desk.say("迟传（表 × 日）", "Late days"), count(states.get("late", 0)), "", FLAGGED),
        (desk.say("未关闭告警", "Open alerts"), count(live),
         desk.say(f"本月共 {cases['total']} 条", f"{cases['total']} this month"), ""),
    ])  # fmt: skip


async def tables(desk: Desk, org: str, month: str, report: dict[str, Any]) -> None:
    """Counts and rates of each table; a row leads to its findings."""

    def findings(row: Row) -> str:
        return f"/findings?{_asked(org, month, table=row['table'])}"

    grid = Grid(
        desk,
        [
            Col("table_zh" if desk.lang == "zh" else "table", "表", "table", link=findings,
                under="table" if desk.lang == "zh" else ""),
            Col("received", "接收", "received", "int"), Col("rejected", "拒收", "rejected", "int"),
            Col("flagged", "警告", "flagged", "int"), Col("standing", "未改正", "not mended", "int"),
            Col("anomaly_rate", "异常率", "anomaly rate", "percent"),
        ],
        pages_of([row | {"table": row["table"] or desk.say("无法识别", "not readable")} for row in report["rows"]]),
        lambda: empty(desk, "这个月没有数据", "Nothing came in this month", "请联系医院信息科", "Call the institution"),
        whole=True,
    )  # fmt: skip
    await grid.refresh()


def rules(desk: Desk, org: str, month: str, rows: list[Row]) -> None:
    """The ranking, and the way to all findings."""
    check_charts.rules(desk, rows)
    if rows:
        with ui.row():
            ui.link(desk.say("全部问题", "All findings"), f"/findings?{_asked(org, month)}")
            ui.link(desk.say("拒收的行", "Rejected rows"), f"/rejected?{_asked(org, month)}")


def mappings(desk: Desk, org: str, month: str, read: dict[str, Any]) -> None:
    """A line a code map: the rate of rows, and what is not mapped."""
    found = [(tab, row) for name, tab in MAPPINGS.items() for row in read[name]["rows"]]
    if not found:
        empty(desk, "这个月没有需要对码的数据", "Nothing of this month needs mapping", icon="link_off")
    for tab, row in found:
        address = f"/reports/mapping?{urlencode({'tab': tab, 'month': month, 'org': org})}"
        rate = row["rows_rate"] or 0
        with ui.element("div").classes("sj-rate"):
            ui.link(row["map_zh"] if desk.lang == "zh" else row["map"], address)
            with ui.element("div").classes("sj-rate-bar").props('aria-hidden="true"'):
                ui.element("div").style(f"width:{rate * 100:.1f}%")
            ui.label(percent(row["rows_rate"])).classes("sj-strong")
            ui.label(desk.say(
                f"{row['codes'] - row['mapped_codes']} 个代码未对码",
                f"{row['codes'] - row['mapped_codes']} codes unmapped",
            )).classes("sj-muted")  # fmt: skip


def timeline(desk: Desk, org: str, cases: list[Row], total: int) -> None:
    """The alerts that were opened in the month."""
    if not cases:
        empty(desk, "这个月没有告警", "No alerts in this month", icon="task_alt")
        return
    with ui.element("ol").classes("sj-timeline"):
        for case in cases:
            with ui.element("li"):
                ui.label(moment(case["opened_at"])).classes("sj-muted")
                look = SEVERITIES[case["severity"]]
                ui.label(look.sign).classes("sj-sign").style(f"background:{look.colour};color:{look.ink}").props(
                    f'title="{desk.say(look.zh, look.en)}"'
                )
                with ui.element("div"):
                    ui.link(case[desk.lang], f"/alerts/{case['id']}")
                    about = (named(KINDS, case["kind"], desk.lang), case["table"])
                    ui.label(" · ".join(filter(None, about))).classes("sj-muted")
                badge(desk, CASE_STATES, case["state"])
    if len(cases) < total:
        ui.link(desk.say("全部告警", "All alerts"), f"/alerts?{urlencode({'org': org})}")


def _asked(org: str, month: str, **more: str) -> str:
    first, last = month_ends(month)
    return urlencode({"org": org, "from": first, "to": last, **more})
