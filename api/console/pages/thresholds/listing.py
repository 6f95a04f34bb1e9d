"""The list of thresholds with what holds now."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.thresholds import values
from api.console.pages.thresholds.one import ThresholdDialog
from api.console.parts import orgs, standard
from api.console.parts.bar import Bar
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.imports import import_button
from api.console.parts.notes import act, card
from api.console.routing import page

_PATH = "/admin/thresholds"


@page(_PATH, "阈值", "Thresholds", right="thresholds.read", group="admin", icon="tune")
async def thresholds(
    desk: Desk, q: str = "", org: str = "", table: str = "", changed: str = "", name: str = ""
) -> None:
    """All thresholds; a click shows where one is set and how it changed."""
    known, tables = await orgs.names(desk), await standard.table_names(desk)
    bar = Bar(desk, _PATH, {"q": q, "org": org, "table": table, "changed": changed})
    bar.text("q", desk.say("搜索", "Search"))
    bar.org(known)
    bar.select("table", desk.say("表", "Table"), {"": desk.say("全部", "all")} | {
        one: standard.named(desk, tables, one) for one in tables
    }, search=True)  # fmt: skip
    bar.switch("changed", desk.say("只看改过的", "Only those that were set"))
    with bar.row:
        ui.space()
        if desk.may("thresholds.write"):
            import_button(desk, "/thresholds", desk.say("导入阈值", "Import thresholds"), bar.again)
        export(desk, "/thresholds/export", dict)
    with card():
        ui.label(desk.say(
            "机构和表的设置优先于机构的，其次是表的，再次是全部的，最后是默认值。点一行查看说明、设置和变更历史。",
            "Of several the most specific one holds: institution and table, institution, table, everywhere, default. "
            "Click a row for its meaning, where it is set, and how it changed.",
        )).classes("sj-muted")  # fmt: skip
        place = ui.element("div")

    async def refresh() -> None:
        said = await desk.get("/thresholds")
        rows = [_row(desk, one, said["entries"], bar.values) for one in said["definitions"]]
        place.clear()
        with place:
            await Grid(desk, _COLUMNS, pages_of([row for row in rows if _wanted(row, bar.values)]),
                       on_row=opened, whole=True).refresh()  # fmt: skip

    async def opened(row: dict[str, Any]) -> None:
        await ThresholdDialog(desk, row["definition"], known, tables, refresh).open()

    bar.on_change(refresh)
    await act(desk, refresh)()
    if name:
        said = await desk.get("/thresholds")
        for one in said["definitions"]:
            if one["name"] == name:
                await opened({"definition": one})


_COLUMNS = (
    Col("group", "类别", "Group"), Col("what", "含义", "Meaning", wrap=True, under="name"),
    Col("now", "现行值", "Holds now"), Col("source", "来自", "Set for"), Col("default_", "默认值", "Default"),
    Col("places", "设置处数", "Places set", kind="int"),
)  # fmt: skip


def _row(desk: Desk, one: dict[str, Any], entries: list[dict[str, Any]], chosen: dict[str, str]) -> dict[str, Any]:
    value, source = values.holds(one, entries, chosen["org"] or values.EVERY, chosen["table"] or values.EVERY)
    return {
        "definition": one, "name": one["name"], "group": desk.say(*values.group(one["name"])), "what": one[desk.lang],
        "now": values.figure(one, value, desk.lang), "source": desk.say(*source),
        "default_": values.figure(one, one["default"], desk.lang),
        "places": sum(entry["name"] == one["name"] for entry in entries),
    }  # fmt: skip


def _wanted(row: dict[str, Any], chosen: dict[str, str]) -> bool:
    text = chosen["q"].casefold()
    return (not chosen["changed"] or row["places"] > 0) and (
        not text or any(text in str(row[name]).casefold() for name in ("what", "name", "group"))
    )
