"""One submission: how far it is, what was found in it with the row of the sender's file, and its rows."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console import frame
from api.console.desk import Desk
from api.console.pages.front_pages.listing import took
from api.console.pages.front_pages.progress import Progress, live
from api.console.pages.front_pages.words import ENDED, OUTCOMES, VARIANTS
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import count, moment
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.parts.people import person
from api.console.routing import page
from api.console.words import SEVERITIES, named

_API = "/front-pages"
_RULES = (
    Col("rule", "规则", "rule", wrap=True, under="rule_id"),
    Col("severity", "级别", "severity", looks=SEVERITIES),
    Col("column_name", "列", "column", under="column"),
    Col("rows", "行数", "rows", "int"),
    Col("fix", "改正办法", "what to do", wrap=True),
)
_FINDINGS = (
    Col("file_row", "文件行号", "row of the file", "int"),
    Col("row_key", "病案号|住院次数", "record|admission"),
    Col("column_name", "列", "column", under="column"),
    Col("value", "值", "value"),
    Col("severity", "级别", "severity", looks=SEVERITIES),
    Col("rule", "规则", "rule", wrap=True, under="rule_id"),
    Col("fix", "改正办法", "what to do", wrap=True),
)
_ROWS = (
    Col("file_row", "文件行号", "row of the file", "int"),
    Col("outcome", "结果", "outcome", looks=OUTCOMES),
    Col("record", "病案号", "record number", under="admission"),
    Col("name", "姓名", "name"),
    Col("age", "年龄", "age"),
    Col("admitted", "入院", "admitted"),
    Col("discharged", "出院", "discharged"),
    Col("department", "出院科别", "department"),
    Col("diagnosis_name", "主要诊断", "diagnosis", under="diagnosis"),
    Col("cost", "总费用", "cost", "money"),
)


@page("/front-pages/submissions/{submission}", "上报明细", "Submission", right="submissions.read")
async def one(
    desk: Desk,
    submission: str,
    view: str = "findings",
    rule_id: str = "",
    severity: str = "",
    record: str = "",
    file_row: str = "",
    outcome: str = "",
) -> None:
    """``view``: findings or rows."""
    frame.script("front_pages.js")
    said = await desk.get(f"/submissions/{submission}")
    about = said["submission"]
    name = (await orgs.names(desk)).get(about["org"], about["org"])
    with card(f"{about['month']} · {name}"):
        head = ui.element("div")

    async def again() -> None:
        ui.navigate.reload()

    with card(desk.say("进度", "Progress")):
        progress = Progress(desk, again)

    async def shown(step: dict[str, Any]) -> None:
        progress.show(step)
        _head(desk, head, step["submission"])
        if step["submission"]["state"] in ENDED:
            await bar.again()

    bar = Bar(
        desk,
        f"/front-pages/submissions/{submission}",
        {
            "view": view,
            "rule_id": rule_id,
            "severity": severity,
            "record": record,
            "file_row": file_row,
            "outcome": outcome,
        },
    )
    _fields(desk, bar, submission)
    place = ui.element("div").classes("sj-wide sj-stack")
    grids = _Views(desk, bar, about)

    async def refresh() -> None:
        place.clear()
        with place:
            await (grids.rows if bar.values["view"] == "rows" else grids.findings)()

    bar.on_change(refresh)
    progress.show(said)
    _head(desk, head, about)
    if about["state"] not in ENDED:
        live(desk, submission, shown)
    later(desk, bar.show)


def _head(desk: Desk, head: ui.element, one: dict[str, Any]) -> None:
    head.clear()
    late = {True: desk.say("逾期", "late"), False: desk.say("按时", "in time"), None: ""}[one["late"]]
    number = (
        desk.say(f"第 {one['number']} 次", f"no. {one['number']}")
        if one["number"]
        else desk.say("不计入", "does not count")
    )
    if one["current"]:
        number += desk.say("，当前有效", ", counts now")
    with head:
        facts(
            [
                Fact(desk.say("文件", "File"), one["file"]),
                Fact(desk.say("种类", "Kind"), desk.say(*VARIANTS[one["variant"]])),
                Fact(desk.say("第几次", "Submission"), number),
                Fact(desk.say("时限", "In time"), late),
                Fact(desk.say("开始", "Begun"), moment(one["started_at"], seconds=True)),
                Fact(desk.say("用时", "Took"), took(desk, one)),
                Fact(desk.say("上报人", "By"), person(one["actor"], desk.lang)),
                Fact(
                    desk.say("文件没有的可选列", "Optional columns that are missing"),
                    count(len(one["missing"])) if one["missing"] else "",
                ),
            ],
            inline=True,
        )


def _fields(desk: Desk, bar: Bar, submission: str) -> None:
    views = {"findings": desk.say("错误明细", "Findings"), "rows": desk.say("上报记录", "Rows")}
    bar.select("view", desk.say("查看", "Show"), views)
    bar.select(
        "severity",
        desk.say("级别", "Severity"),
        {"": desk.say("全部", "all"), **{one: named(SEVERITIES, one, desk.lang) for one in ("error", "warning")}},
    )
    bar.select(
        "outcome",
        desk.say("结果", "Outcome"),
        {"": desk.say("全部", "all"), **{one: named(OUTCOMES, one, desk.lang) for one in OUTCOMES}},
    )
    bar.text("record", desk.say("病案号", "Record number"))
    bar.text("rule_id", desk.say("规则编号", "Rule"))
    bar.text("file_row", desk.say("文件行号", "Row of the file"))
    with bar.row:
        ui.space()
        export(
            desk,
            f"{_API}/findings",
            lambda: {"submission": submission, **_of(bar, "findings")},
            desk.say("下载错误明细", "Download the error detail"),
        )


#: Which filters a view takes.
_TAKES = {"findings": ("rule_id", "severity", "record", "file_row"), "rows": ("outcome", "record", "file_row")}


def _of(bar: Bar, view: str) -> dict[str, str]:
    asked = {name: bar.values[name] for name in _TAKES[view] if bar.values[name]}
    if not asked.get("file_row", "0").isdigit():
        del asked["file_row"]
    return asked


class _Views:
    """The two views of a submission."""

    def __init__(self, desk: Desk, bar: Bar, about: dict[str, Any]) -> None:
        self._desk, self._bar, self._about = desk, bar, about

    async def findings(self) -> None:
        """The rules that are violated, then every finding."""
        desk, ident = self._desk, self._about["id"]

        async def rules(limit: int, offset: int) -> tuple[list[Row], int]:
            severity = self._bar.values["severity"]
            said = await desk.get(
                f"{_API}/findings/rules", submission=ident, severity=severity, limit=limit, offset=offset
            )
            return [self._told(row) for row in said["rows"]], said["total"]

        async def choose(row: Row) -> None:
            await self._bar.choose(rule_id=row["rule_id"])

        async def load(limit: int, offset: int) -> tuple[list[Row], int]:
            asked = _of(self._bar, "findings")
            said = await desk.get(f"{_API}/findings", submission=ident, limit=limit, offset=offset, **asked)
            return [self._told(row) for row in said["rows"]], said["total"]

        def nothing() -> None:
            empty(desk, "没有问题", "Nothing was found", icon="task_alt")

        if not self._bar.values["rule_id"]:
            with card(
                desk.say("违反的规则", "Rules violated"),
                desk.say("点击一行只看该规则", "click a row for this rule only"),
            ):
                await Grid(desk, _RULES, rules, nothing, choose).refresh()
        with card(
            desk.say("错误明细", "Findings"),
            desk.say("行号是上报文件自己的行号，表头为第 1 行", "rows of the file as it was sent; its header is row 1"),
        ):
            await Grid(desk, _FINDINGS, load, nothing, self._open).refresh()

    async def rows(self) -> None:
        """Every row of the file, rejected ones too."""
        desk, ident = self._desk, self._about["id"]

        async def load(limit: int, offset: int) -> tuple[list[Row], int]:
            asked = _of(self._bar, "rows")
            said = await desk.get(f"{_API}/rows", submission=ident, limit=limit, offset=offset, **asked)
            return said["rows"], said["total"]

        with card(
            desk.say("上报记录", "Rows"),
            desk.say("姓名已脱敏；点击一行查看整份首页", "names are masked; click for the whole front page"),
        ):
            await Grid(desk, _ROWS, load, None, self._open).refresh()

    async def _open(self, row: Row) -> None:
        ui.navigate.to(f"/front-pages/submissions/{self._about['id']}/{row['file_row']}")

    def _told(self, row: Row) -> Row:
        desk = self._desk
        column = row["column_zh"] if desk.lang == "zh" else row["column"]
        return {**row, "rule": desk.told(row, "rule"), "fix": desk.told(row, "fix"), "column_name": column}
