"""One day of an institution: the batches that hold rows of it, and the rules that these rows violate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.notes import dialog, empty
from api.console.parts.standard import named
from api.console.words import SEVERITIES

_BATCHES, _RULES = 200, 100


async def show(desk: Desk, org: str, table: str, day: str, names: Mapping[str, tuple[str, str]]) -> None:
    """A dialog; ``table`` empty: of all tables."""
    period = {"org": org, "table": table, "from_": day, "to": day}
    sent, rules = await asyncio.gather(
        desk.get("/batches", **period, limit=_BATCHES),
        desk.get("/indicators/check_report/rules", **period, limit=_RULES),
    )
    title = f"{named(desk, names, table) if table else desk.say('全部表', 'All tables')} · {day}"
    with dialog(desk, title) as made:
        made.props("full-width")
        asked = urlencode({k: v for k, v in {"org": org, "table": table, "from": day, "to": day}.items() if v})
        with ui.row():
            ui.link(desk.say("查看全部问题", "All findings"), f"/findings?{asked}")
            ui.link(desk.say("查看拒收的行", "Rejected rows"), f"/rejected?{asked}")
        ui.label(desk.say(f"批次（{sent['total']}）", f"Batches ({sent['total']})")).classes("sj-strong")
        batches = Grid(
            desk, _batch_columns(table, sent["batches"]), pages_of([_batch(desk, row) for row in sent["batches"]]),
            lambda: empty(
                desk, "这一天没有数据到达", "Nothing of this day has come", "请医院补传；没有业务时发送零申报",
                "Ask the institution to send it, or to declare that nothing happened",
            ), whole=True,
        )  # fmt: skip
        await batches.refresh()
        ui.label(desk.say("违反的规则", "Rules violated")).classes("sj-strong")
        grid = Grid(
            desk, _rule_columns(desk, asked), pages_of(rules["rows"]),
            lambda: empty(desk, "没有违反规则", "No rule was violated", icon="task_alt"), whole=True,
        )  # fmt: skip
        await grid.refresh()
    made.open()


def _batch(desk: Desk, row: Row) -> Row:
    if row["declared_empty"] and not row["received"]:
        outcome = desk.say("零申报", "declared empty")
    elif row["unreadable"]:
        outcome = " · ".join([desk.say("有无法读取的行", "rows not readable"), *row["reasons"]])
    elif row["rejected"]:
        outcome = desk.say("有拒收", "rows rejected")
    else:
        outcome = desk.say("全部入库", "all accepted")
    if row["replay"]:
        outcome += desk.say("（重放）", " (replay)")
    return row | {"outcome": outcome, "batch": row["batch"] or "–", "receipt_id": row["receipt_id"] or "–"}


def _batch_columns(table: str, rows: list[Row]) -> list[Col]:
    receipts = any(row["receipt_id"] for row in rows)
    return [
        Col("arrived_at", "到达", "arrived", "time"),
        *([] if table else [Col("table", "表", "table")]),
        Col("batch", "批次", "batch", under="receipt_id" if receipts else ""),
        Col("received", "接收", "received", "int"), Col("accepted", "入库", "accepted", "int"),
        Col("rejected", "拒收", "rejected", "int"), Col("flagged", "警告", "flagged", "int"),
        Col("unreadable", "无法读取", "unreadable", "int"), Col("findings", "问题", "findings", "int"),
        Col("outcome", "结果", "outcome", wrap=True),
    ]  # fmt: skip


def _rule_columns(desk: Desk, asked: str) -> list[Col]:
    def rows_of(rule: Row) -> str:
        return f"/findings?{asked}&{urlencode({'rule_id': rule['rule_id']})}"

    return [
        Col(f"rule_{desk.lang}", "规则", "rule", wrap=True, under="rule_id", link=rows_of),
        Col("severity", "级别", "severity", looks=SEVERITIES), Col("findings", "问题数", "findings", "int"),
        Col(f"fix_{desk.lang}", "改正办法", "what to do", wrap=True),
    ]  # fmt: skip
