"""What an institution declares for a month, entered here or imported as a table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.figures import count, money
from api.console.parts.files import export
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row, pages_of
from api.console.parts.imports import import_button
from api.console.parts.notes import ask, card, empty, told
from api.console.parts.report import month_ends

_PATH = "/declarations"


async def show(
    desk: Desk, month: str, org: str, orgs: Mapping[str, str], again: Callable[[], Awaitable[None]]
) -> None:  # fmt: skip
    """The declared figures of a month; ``again`` is called when some were entered."""
    if not desk.may("declarations.read"):
        return
    first = month_ends(month)[0]
    said = await desk.get(_PATH, org=org, month_from=first, month_to=first)
    rows = [_row(one, orgs, said["quantities"]) for one in said["entries"]]

    async def open_row(row: Row) -> None:
        if desk.may("declarations.write"):
            _enter(desk, said["quantities"], first, row["org"], orgs, row["figures"], again)

    columns = [
        Col("name", "机构", "institution", under="org"),
        *(Col(one["name"], one["zh"], one["en"]) for one in said["quantities"]),
    ]
    title = desk.say(f"机构申报 {month}", f"Declared for {month}")
    with card(title, desk.say("点击一行修改", "click a row to change it") if desk.may("declarations.write") else ""):
        with ui.element("div").classes("sj-corner"):
            export(desk, f"{_PATH}/export", lambda: {"org": org, "month_from": first, "month_to": first})
            if desk.may("declarations.write"):
                import_button(desk, _PATH, desk.say("导入申报数", "Import declared figures"), again)
                ui.button(
                    desk.say("填报", "Declare"), icon="edit",
                    on_click=lambda: _enter(desk, said["quantities"], first, desk.me.org or org, orgs, {}, again),
                ).props("unelevated dense no-caps")  # fmt: skip
        await Grid(
            desk, columns, pages_of(rows),
            lambda: empty(desk, "这个月还没有申报", "Nothing was declared for this month",
                          "点“填报”录入，或导入表格", "Declare here, or import a table"),
            open_row,
        ).refresh()  # fmt: skip


def _row(one: Mapping[str, Any], orgs: Mapping[str, str], quantities: list[dict[str, str]]) -> Row:
    shown = {
        quantity["name"]: _shown(one["figures"].get(quantity["name"]), quantity["kind"]) for quantity in quantities
    }
    return {"org": one["org"], "name": orgs.get(one["org"], one["org"]), "figures": one["figures"], **shown}


def _shown(value: Any, kind: str) -> str:
    return count(value) if kind == "int" else money(value)


def _enter(
    desk: Desk, quantities: list[dict[str, str]], month: str, org: str, orgs: Mapping[str, str],
    figures: Mapping[str, Any], again: Callable[[], Awaitable[None]],
) -> None:  # fmt: skip
    """A form with a field for each quantity; an empty field declares nothing of it."""
    choice = Field("org", "机构", "Institution", "choice", dict(orgs), needed=True)
    fields = [choice, *(Field(one["name"], one["zh"], one["en"]) for one in quantities)]

    async def save(filled: dict[str, Any]) -> None:
        entry = {
            "org": filled["org"],
            "month": month,
            "figures": filled_in(filled, [one["name"] for one in quantities]),
        }
        await desk.put(_PATH, {"entries": [entry]})
        told(desk, "已保存", "Saved")
        await again()

    def more(made: ui.dialog) -> None:
        if not figures:
            return

        async def take_back(_: str) -> None:
            await desk.delete(_PATH, org=org, month=month)
            made.close()
            told(desk, "已撤回", "Taken back")
            await again()

        text = desk.say("撤回该机构这个月的全部申报数。", "All figures of the institution and month are taken back.")
        ui.button(
            desk.say("撤回申报", "Take back"),
            on_click=lambda: ask(desk, desk.say("撤回？", "Take back?"), text, take_back),
        ).props("flat no-caps color=negative")

    values = {"org": org, **{name: str(value) for name, value in figures.items()}}
    form(desk, desk.say(f"申报 {month[:7]}", f"Declare for {month[:7]}"), fields, values, save, more)


def filled_in(filled: Mapping[str, Any], names: list[str]) -> dict[str, str]:
    """The figures that are there, without separators and spaces; what is no number goes to the API as it is, which
    says so."""
    found = {}
    for name in names:
        text = str(filled.get(name) or "").replace(",", "").replace("，", "").strip()
        if not text:
            continue
        try:
            found[name] = f"{Decimal(text):f}"
        except InvalidOperation:
            found[name] = text
    return found
