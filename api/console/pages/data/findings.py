"""Findings: which rows violate which rules, what to do; the error detail as a file."""

from __future__ import annotations

from textwrap import shorten
from urllib.parse import urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.data import search
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import moment
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, dialog, empty
from api.console.parts.report import OUTCOMES
from api.console.parts.standard import name_only, table_names
from api.console.routing import page
from api.console.words import SEVERITIES, named

_PATH = "/findings"
#: Characters of a value in the list; all of it stands in the details.
_VALUE = 18


@page(_PATH, "问题", "Findings", right="findings.read", group="data", icon="rule")
async def findings(
    desk: Desk, org: str = "", table: str = "", rule_id: str = "", severity: str = "", outcome: str = "",
    batch: str = "", row_key: str = "", first: search.From = "", to: str = "",
) -> None:  # fmt: skip
    """Newest first."""
    known, tables = await orgs.names(desk), await table_names(desk)
    bar = Bar(desk, _PATH, {
        "org": org, "table": table, "rule_id": rule_id, "severity": severity, "outcome": outcome, "batch": batch,
        "row_key": row_key, "from": search.begin(first, to, batch, row_key), "to": to,
    })  # fmt: skip
    await search.fields(desk, bar, known)
    every = {"": desk.say("全部", "all")}
    bar.select("severity", desk.say("级别", "Severity"), every | {
        name: named(SEVERITIES, name, desk.lang) for name in ("error", "warning")
    })  # fmt: skip
    bar.select("outcome", desk.say("该行结果", "Outcome"), every | {
        name: named(OUTCOMES, name, desk.lang) for name in OUTCOMES
    })  # fmt: skip
    with bar.row:
        ui.space()
        export(desk, "/findings/export", bar.query, desk.say("下载错误明细", "Download the error detail"))
    about = ui.element("div").classes("sj-wide")

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/findings", limit=limit, offset=offset, **bar.query())
        rows = [
            {**one, "short": shorten(one["value"], _VALUE, placeholder="…"),
             "name": known.get(one["org"], one["org"]), "day": search.day(desk, one["biz_date"]),
             "table_name": name_only(desk, tables, one["table"])}
            for one in said["findings"]
        ]  # fmt: skip
        about.clear()
        if bar.values["rule_id"] and rows:
            with about:
                search.rule_card(desk, rows[0])
        return rows, said["total"]

    async def open_row(row: Row) -> None:
        _details(desk, row)

    with card(desk.say("问题", "Findings"),
              desk.say("新的在前；点击一行查看改正办法", "newest first; click a row to see what to do")):  # fmt: skip
        grid = Grid(
            desk, _columns(desk, one_org=len(known) < 2), load,
            lambda: empty(desk, "没有问题", "No finding", "换一个日期、机构或规则试试",
                          "Try other days, institutions or rules",
                          icon="task_alt"),
            open_row,
        )  # fmt: skip
    bar.on_change(grid.refresh)
    later(desk, bar.show)


def _columns(desk: Desk, *, one_org: bool) -> list[Col]:
    column = Col("column_zh", "列", "column", under="column") if desk.lang == "zh" else Col("column", "列", "column")
    return [
        Col("day", "业务日期", "business date"),
        *([] if one_org else [Col("name", "机构", "institution")]),
        Col("table_name", "表", "table", under="table"),
        Col(f"rule_{desk.lang}", "规则", "rule", wrap=True, under="rule_id"),
        Col("severity", "级别", "severity", looks=SEVERITIES),
        column,
        Col("short", "值", "value"),
        Col("row_key", "主键与就诊", "row key, visit", link=search.record_of, under="visit"),
    ]


def _details(desk: Desk, row: Row) -> None:
    """Everything about one finding."""
    with dialog(desk, f"{desk.told(row, 'rule')} [{row['rule_id']}]") as made:
        search.fix(desk, row)
        facts([
            Fact(desk.say("机构", "Institution"), row["name"]), Fact(desk.say("表", "Table"), row["table_name"]),
            Fact(desk.say("列", "Column"), f"{row['column_zh']} {row['column']}".strip()),
            Fact(desk.say("值", "Value"), row["value"] or desk.say("（空）", "(empty)")),
            Fact(desk.say("主键", "Row key"), row["row_key"]), Fact(desk.say("业务日期", "Business date"), row["day"]),
            Fact(desk.say("批次与行号", "Batch and row"), f"{row['batch']} · {row['row']}"),
            Fact(desk.say("结果", "Outcome"), named(OUTCOMES, row["outcome"], desk.lang)),
            Fact(desk.say("到达时间", "Arrived"), moment(row["arrived_at"], seconds=True)),
            Fact(desk.say("就诊记录", "Record"), row["visit"], search.record_of(row)),
        ])  # fmt: skip
        same = {"org": row["org"], "table": row["table"], "rule_id": row["rule_id"]}
        with ui.row():
            ui.link(desk.say("同一规则的全部问题", "Everything that violates this rule"), f"{_PATH}?{urlencode(same)}")
            whole = {"org": row["org"], "table": row["table"], "row_key": row["row_key"]}
            ui.link(desk.say("这一行的全部问题", "Everything about this row"), f"{_PATH}?{urlencode(whole)}")
    made.open()
