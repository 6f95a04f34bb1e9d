"""Rejected rows: which, why, how to mend them; and, after a rule or a map has changed, validating them again."""

from __future__ import annotations

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.data import search
from api.console.pages.data.redrive import redrive_button
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import moment
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, dialog, empty
from api.console.parts.standard import name_only, table_names
from api.console.routing import page

_PATH = "/rejected"


@page(_PATH, "拒收", "Rejected rows", right="findings.read", group="data", icon="block")
async def rejected(
    desk: Desk, org: str = "", table: str = "", rule_id: str = "", batch: str = "", row_key: str = "",
    first: search.From = "", to: str = "",
) -> None:  # fmt: skip
    """Newest first."""
    known, tables = await orgs.names(desk), await table_names(desk)
    bar = Bar(desk, _PATH, {
        "org": org, "table": table, "rule_id": rule_id, "batch": batch, "row_key": row_key,
        "from": search.begin(first, to, batch, row_key), "to": to,
    })  # fmt: skip
    await search.fields(desk, bar, known)
    with bar.row:
        ui.space()
        export(desk, "/rejected/export", bar.query, desk.say("下载错误明细", "Download the error detail"))
        if desk.may("rejected.redrive"):
            redrive_button(desk, bar)
    about = ui.element("div").classes("sj-wide")

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/rejected", limit=limit, offset=offset, **bar.query())
        rows = [
            {**one, "day": search.day(desk, one["biz_date"]), "why": _why(desk, one),
             "place": f"{one['batch']} · {one['row']}", "at": moment(one["arrived_at"]),
             "name": one["org_name"] or one["org"],
             "table_name": name_only(desk, tables, one["table"])}
            for one in said["rejected"]
        ]  # fmt: skip
        about.clear()
        wanted = [rule for row in rows[:1] for rule in row["rules"] if rule["rule_id"] == bar.values["rule_id"]]
        if wanted:
            with about:
                search.rule_card(desk, wanted[0])
        return rows, said["total"]

    async def open_row(row: Row) -> None:
        await _details(desk, row)

    with card(desk.say("拒收的行", "Rejected rows"),
              desk.say("新的在前；点击一行查看原因和改正办法", "newest first; click for what to do")):  # fmt: skip
        grid = Grid(
            desk, _columns(one_org=len(known) < 2), load,
            lambda: empty(desk, "没有拒收的行", "No row was rejected", "换一个日期、机构或规则试试",
                          "Try other days, institutions or rules", icon="task_alt"),
            open_row,
        )  # fmt: skip
    bar.on_change(grid.refresh)
    later(desk, bar.show)


def _columns(*, one_org: bool) -> list[Col]:
    return [
        Col("day", "业务日期", "business date"),
        *([] if one_org else [Col("name", "机构", "institution")]),
        Col("table_name", "表", "table", under="table"),
        Col("why", "为什么", "why", wrap=True),
        Col("row_key", "主键", "row key", under="place"),
        Col("at", "到达", "arrived"),
    ]


def _why(desk: Desk, one: Row) -> str:
    """The first error, and how many more there are."""
    errors = [rule for rule in one["rules"] if rule["severity"] == "error"] or one["rules"]
    if not errors:
        return ""
    column = errors[0]["column_zh"] if desk.lang == "zh" else errors[0]["column"]
    more = desk.say(f"（共 {len(errors)} 个错误）", f" ({len(errors)} errors)") if len(errors) > 1 else ""
    return f"{column}{desk.say('：', ': ')}{desk.told(errors[0], 'rule')}{more}"


async def _details(desk: Desk, row: Row) -> None:
    """Every rule that the row violates, with what to do, and the way to its visit."""
    found = await desk.get("/findings", org=row["org"], table=row["table"], batch=row["batch"],
                           row_key=row["row_key"], limit=1)  # fmt: skip
    visit = {**row, "visit": next((one["visit"] for one in found["findings"]), "")}
    with dialog(desk, f"{row['table_name']} {row['row_key']}") as made:
        facts([
            Fact(desk.say("机构", "Institution"), row["name"]), Fact(desk.say("业务日期", "Business date"), row["day"]),
            Fact(desk.say("批次与行号", "Batch and row"), f"{row['batch']} · {row['row']}"),
            Fact(desk.say("到达时间", "Arrived"), moment(row["arrived_at"], seconds=True)),
            Fact(desk.say("就诊记录", "Record"), visit["visit"], search.record_of(visit)),
        ])  # fmt: skip
        for rule in row["rules"]:
            column = f"{rule['column_zh']} {rule['column']}".strip() if desk.lang == "zh" else rule["column"]
            value = rule["value"] or desk.say("（空）", "(empty)")
            with card(f"{desk.told(rule, 'rule')} [{rule['rule_id']}]", f"{column} = {value}" if column else ""):
                search.fix(desk, rule)
        ui.label(desk.say("改正后重新上传这一行（相同主键）即可；不需要其他操作。",
                          "Mend the row and send it again with the same key; nothing else is needed.",
                          )).classes("sj-muted")  # fmt: skip
    made.open()
