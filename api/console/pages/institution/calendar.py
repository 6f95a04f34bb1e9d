"""The month of an institution: a row a table, a column a day; state, rows, and a way into each day."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any

from nicegui import events, ui

from api.console.desk import Desk
from api.console.parts.figures import count, moment
from api.console.parts.grid import Row
from api.console.parts.report import days_of
from api.console.words import STATES
from api.wire import SHANGHAI

#: Which cell was clicked, or entered by key (static/grid.js).
_CHOOSE = """(event) => {
  const cell = event.target.closest("td[data-day]");
  if (cell) emit(cell.dataset.table, cell.dataset.day);
}"""
_THOUSAND = 1000


def show(
    desk: Desk, month: str, names: Mapping[str, tuple[str, str]], rows: list[Row],
    choose: Callable[..., Awaitable[None]],
) -> None:  # fmt: skip
    """``rows`` of the upload calendar by table; ``choose`` gets table and day."""
    by_table = {row["table"]: {one["day"]: one for one in row["days"]} for row in rows}
    tables = [*names, *sorted(by_table.keys() - names.keys())]
    days = days_of(month)

    async def chosen(event: events.GenericEventArguments) -> None:
        await choose(*event.args)

    made = _table(desk, days, tables, names, by_table)
    with ui.element("div").classes("sj-scroll"):
        ui.html(made.replace("<td ", '<td tabindex="0" ', 1), sanitize=False).on("click", chosen, js_handler=_CHOOSE)
    with ui.element("div").classes("sj-legend"):
        for look in STATES.values():
            with ui.element("span"):
                ui.label(look.sign).classes("sj-sign").style(f"background:{look.colour};color:{look.ink}")
                ui.label(desk.say(look.zh, look.en))


def declared_empty(rows: list[Row]) -> list[str]:
    """Days of which the institution said that nothing happened, with the number of tables: "11-03 (19)"."""
    found: dict[str, int] = {}
    for row in rows:
        for one in row["days"]:
            if one["state"] == "empty":
                found[one["day"]] = found.get(one["day"], 0) + 1
    return [f"{day[5:]}（{tables}）" for day, tables in sorted(found.items())]


def short(rows: int) -> str:
    """A count that fits a cell: 118, 1.2k, 12k."""
    if rows < _THOUSAND:
        return str(rows)
    thousands = rows / _THOUSAND
    return f"{thousands:.1f}k" if thousands < 9.95 else f"{thousands:.0f}k"


def _table(
    desk: Desk, days: list[str], tables: list[str], names: Mapping[str, tuple[str, str]],
    by_table: Mapping[str, Mapping[str, Row]],
) -> str:  # fmt: skip
    head = "".join(
        f'<th scope="col" title="{day}"{_weekend(day)}>{int(day[8:])}</th>' for day in days
    )  # fmt: skip
    body = "".join(
        f'<tr><th scope="row" class="sj-cal-name" title="{html.escape(table)}">'
        f"{html.escape(desk.say(*names.get(table, (table, table))) or desk.say('无法识别', 'not readable'))}</th>"
        + "".join(_cell(desk, table, day, by_table.get(table, {}).get(day)) for day in days)
        + "</tr>"
        for table in tables
    )
    return (
        '<table class="sj-cal sj-cal-wide"><thead><tr>'
        f'<th scope="col" class="sj-cal-name">{desk.say("表", "Table")}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _cell(desk: Desk, table: str, day: str, cell: Mapping[str, Any] | None) -> str:
    place = f'data-table="{html.escape(table)}" data-day="{day}"'
    if cell is None and day > today():
        return '<td class="sj-cal-future"></td>'
    if cell is None:
        return f'<td {place} title="{day} {desk.say("没有数据", "nothing came")}"></td>'
    look = STATES[cell["state"]]
    text = short(cell["received"]) if cell["received"] else ""
    said = html.escape(_said(desk, day, cell))
    style = f"background:{look.colour};color:{look.ink}"
    content = f'<i aria-hidden="true">{look.sign}</i>{text}' if text else look.sign
    return f'<td {place} style="{style}" title="{said}" aria-label="{said}">{content}</td>'


def _said(desk: Desk, day: str, cell: Mapping[str, Any]) -> str:
    look = STATES[cell["state"]]
    lines = [f"{day} {desk.say(look.zh, look.en)}"]
    if cell["received"]:
        lines.append(desk.say(
            f"接收 {count(cell['received'])}，入库 {count(cell['accepted'])}，拒收 {count(cell['rejected'])}，"
            f"警告 {count(cell['flagged'])}",
            f"{count(cell['received'])} received, {count(cell['accepted'])} accepted, {count(cell['rejected'])} "
            f"rejected, {count(cell['flagged'])} flagged",
        ))  # fmt: skip
    if cell["due_at"] and not str(cell["due_at"]).startswith("1970"):
        lines.append(desk.say(f"截止 {moment(cell['due_at'])}", f"due {moment(cell['due_at'])}"))
    return "\n".join(lines)


def today() -> str:
    """The day in Shanghai."""
    return f"{datetime.now(SHANGHAI):%Y-%m-%d}"


def _weekend(day: str) -> str:
    return ' class="sj-cal-weekend"' if date.fromisoformat(day).weekday() >= 5 else ""
