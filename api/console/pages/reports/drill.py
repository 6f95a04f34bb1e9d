"""Behind a row of the check report: the rules that an institution's table violated, and the way to the rows."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.figures import count, percent
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.notes import dialog, empty
from api.console.parts.report import month_ends
from api.console.words import SEVERITIES


async def drill(desk: Desk, row: Row, asked: Mapping[str, str]) -> None:
    """A dialog about one row of the report, with the filters it was made with."""
    month = asked["month"]
    wanted = {"month": month, "org": row["org"], "table": row["table"], "severity": asked.get("severity", "")}
    listed = []
    if row["table"] and row["org"]:
        listed = (await desk.get("/indicators/check_report/rules", limit=1000, **wanted))["rows"]
    title = f"{row['name'] or row['org'] or '?'} · {desk.told(row, 'table')} · {month}"
    with dialog(desk, title) as made:
        made.props("full-width")
        ui.label(desk.say(
            f"接收 {count(row['received'])}，拒收 {count(row['rejected'])}（{percent(row['rejection_rate'])}），"
            f"有警告 {count(row['flagged'])}，拒收未改正 {count(row['standing'])}",
            f"{count(row['received'])} received, {count(row['rejected'])} rejected ({percent(row['rejection_rate'])}), "
            f"{count(row['flagged'])} flagged, {count(row['standing'])} not mended",
        ))  # fmt: skip
        with ui.row():
            ui.link(desk.say("查看全部问题", "All findings"), _address("/findings", row, month))
            ui.link(desk.say("查看拒收的行", "Rejected rows"), _address("/rejected", row, month))
            ui.space()
            details = desk.say("导出明细", "Export every finding")
            export(desk, "/indicators/check_report/findings", lambda: wanted, details)
        grid = Grid(
            desk, _columns(desk, row, month), pages_of(listed),
            lambda: empty(desk, "没有违反规则", "No rule was violated", icon="task_alt"), whole=True,
        )  # fmt: skip
        await grid.refresh()
    made.open()


def _columns(desk: Desk, row: Row, month: str) -> list[Col]:
    def rows_of(rule: Row) -> str:
        if rule["scope"] == "store":
            asked = {"month": month, "org": row["org"], "table": row["table"], "rule_id": rule["rule_id"]}
            return f"/reports/association?{urlencode({**asked, 'kind': 'all'})}"
        return _address("/findings", row, month, rule_id=rule["rule_id"])

    return [
        Col(f"rule_{desk.lang}", "规则", "rule", wrap=True, under="rule_id", link=rows_of),
        Col("severity", "级别", "severity", looks=SEVERITIES),
        Col("findings", "问题数", "findings", "int"),
        Col("days", "天数", "days", "int"),
        Col(f"fix_{desk.lang}", "改正办法", "what to do", wrap=True),
    ]


def _address(path: str, row: Row, month: str, **more: str) -> str:
    first, last = month_ends(month)
    asked = {"org": row["org"], "table": row["table"], "from": first, "to": last, **more}
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"
