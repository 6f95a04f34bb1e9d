"""What findings and rejected rows are searched by, and the way from a row to what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Query
from nicegui import ui

from api.console.desk import Desk
from api.console.parts.bar import Bar
from api.console.parts.notes import card
from api.console.parts.standard import chosen_tables
from api.console.words import SEVERITIES
from api.wire import SHANGHAI

#: ``from`` is no name in Python.
From = Annotated[str, Query(alias="from")]
#: Business dates of rows that have no readable one.
NO_DAY = "1970-01-01"
#: The table of patients; all others are about visits.
PATIENTS = "TB_HZXX"


def begin(first: str, *others: str) -> str:
    """From which day on is searched: what was asked for; the first of this month when nothing at all was."""
    return first or ("" if any(others) else f"{datetime.now(SHANGHAI):%Y-%m}-01")


async def fields(desk: Desk, bar: Bar, orgs: Mapping[str, str]) -> None:
    """Institution, table, days, rule, batch, row key."""
    bar.org(orgs)
    bar.select("table", desk.say("表", "Table"), await chosen_tables(desk), search=True)
    bar.date("from", desk.say("业务日期起", "Business days from"))
    bar.date("to", desk.say("止", "to"))
    bar.text("rule_id", desk.say("规则编号", "Rule"))
    bar.text("batch", desk.say("批次号", "Batch"))
    bar.text("row_key", desk.say("主键", "Row key"))


def day(desk: Desk, value: str) -> str:
    """A business date; rows without a readable one say so."""
    return desk.say("无法识别", "not readable") if value == NO_DAY else value


def record_of(row: Mapping[str, Any]) -> str:
    """The address of the visit's record, at this row; empty without a visit. A patient's row has the patient there."""
    if not row.get("visit") or row["table"] == PATIENTS:
        return ""
    return f"/records/{quote(row['org'])}/{quote(row['visit'], safe='')}?{urlencode({'row': row['row_key']})}"


def rule_card(desk: Desk, row: Mapping[str, Any]) -> None:
    """The rule that is searched for: its text and how to mend what violates it."""
    with card(f"{desk.told(row, 'rule')} [{row['rule_id']}]"):
        fix(desk, row)


def fix(desk: Desk, row: Mapping[str, Any]) -> None:
    """How to mend it, and the rule in the standard."""
    look = SEVERITIES[row["severity"]]
    with ui.element("p").classes("sj-text"):
        ui.label(look.sign).classes("sj-sign").style(f"background:{look.colour};color:{look.ink}")
        ui.label(desk.say("改正办法：", "What to do: ") + desk.told(row, "fix"))
    ui.link(desk.say("查看规则", "See the rule"), f"/standard/rules/{quote(row['rule_id'])}")
