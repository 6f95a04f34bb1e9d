"""Mapping rates (indicators 5 and 6) of institutions, and the codes that have no standard code, most used first."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.maps.words import FIELDS, MAPS, RATES, TABS, indicator, keep_address
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.charts import chart
from api.console.parts.figures import count, percent
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.parts.report import columns, numbers, own
from api.console.routing import page
from api.console.words import ACCEPTED, FLAGGED, REJECTED

#: Institutions in the chart: those with the lowest rates.
_SHOWN = 12


@page(RATES, "对码", "Code mapping", right="indicators.read", group="reports", icon="link")
async def mapping(
    desk: Desk, tab: str = "drug", month: str = "", org: str = "", city: str = "", county: str = "", level: str = "",
    type: str = "", sort: str = "",
) -> None:  # fmt: skip
    """One tab for drugs, departments, fees and items."""
    bar = Bar(desk, RATES, {
        "tab": tab if tab in TABS else "drug", "month": month, "org": org, "city": city, "county": county,
        "level": level, "type": type, "sort": sort,
    })  # fmt: skip
    _tabs(desk, bar)
    bar.month()
    bar.org(await orgs.names(desk))
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        if desk.may("codemaps.write"):
            ui.button(
                desk.say("上传对码表", "Upload a map"), icon="upload",
                on_click=lambda: ui.navigate.to(
                    keep_address(bar.values["org"], TABS[bar.values["tab"]][2][0], bar.values["month"])
                ),
            ).props("unelevated dense no-caps")  # fmt: skip
    whole = ui.element("div").classes("sj-wide sj-stack")

    async def refresh() -> None:
        whole.clear()
        with whole:
            await _show(desk, bar)

    bar.on_change(refresh)
    later(desk, bar.show)


def _tabs(desk: Desk, bar: Bar) -> None:
    chosen: Any = bar.values["tab"]  # a name is taken as well
    with ui.tabs(value=chosen, on_change=lambda event: bar.choose(tab=event.value)) as tabs:
        tabs.props("dense no-caps align=left").classes("sj-tabs")
        for name, (zh, en, _) in TABS.items():
            ui.tab(name, desk.say(zh, en))
    tabs.move(target_index=0)


def _asked(bar: Bar) -> dict[str, Any]:
    asked = bar.query()
    asked.pop("tab")
    return asked


async def _show(desk: Desk, bar: Bar) -> None:
    path, maps = indicator(bar.values["tab"]), TABS[bar.values["tab"]][2]
    worst = await desk.get(path, limit=_SHOWN, **{**_asked(bar), "sort": "rows_rate"})
    totals = worst["totals"]
    if not worst["total"]:
        with card():
            empty(desk, "这个月没有需要对码的数据", "Nothing of this month needs mapping", "换一个月份或机构",
                  "Choose another month or institution")  # fmt: skip
        return
    numbers([
        (desk.say("行对码率", "Rate of rows"), percent(totals["rows_rate"]),
         f"{count(totals['mapped_rows'])} / {count(totals['rows'])}", ACCEPTED),
        (desk.say("代码对码率", "Rate of codes"), percent(totals["codes_rate"]),
         f"{count(totals['mapped_codes'])} / {count(totals['codes'])}", ACCEPTED),
        (desk.say("未对码的代码", "Unmapped codes"), count(totals["codes"] - totals["mapped_codes"]), "", REJECTED),
        (desk.say("涉及行数", "Rows with them"), count(totals["rows"] - totals["mapped_rows"]), "", FLAGGED),
        (desk.say("入库时对码率", "Rate on arrival"), percent(totals["landed_rate"]), "", ""),
    ])  # fmt: skip
    if worst["total"] > 1:
        with card(desk.say("对码率", "Mapping rates"), desk.say("低的在前", "lowest first")):
            _chart(desk, worst["rows"], several=len(maps) > 1)
    await _rates(desk, bar, path, maps)
    for map in maps:
        title = desk.say(f"未对码代码：{MAPS[map][0]}", f"Unmapped codes: {MAPS[map][1]}")
        with card(title, desk.say("用得多的在前", "most used first")):
            await _unmapped(desk, bar, map)


def _chart(desk: Desk, rows: list[Row], *, several: bool) -> None:
    names = [(row["name"] or row["org"]) + (f" · {desk.told(row, 'map')}" if several else "") for row in rows][::-1]
    bars = (("rows_rate", "行对码率", "rows", ACCEPTED), ("codes_rate", "代码对码率", "codes", "#56B4E9"))
    chart(
        {
            "legend": {"top": 0}, "grid": {"left": 4, "right": 60, "top": 28, "bottom": 4, "containLabel": True},
            "xAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
            "yAxis": {"type": "category", "data": names, "axisTick": {"show": False}},
            "series": [
                {"name": desk.say(zh, en), "type": "bar", "itemStyle": {"color": colour}, "barMaxWidth": 12,
                 "label": {"show": True, "position": "right", "formatter": "{c}%", "fontSize": 11},
                 "data": [None if row[name] is None else round(row[name] * 100, 2) for row in rows][::-1]}
                for name, zh, en, colour in bars
            ],
        },
        desk.say("各机构的对码率", "Mapping rates of institutions"), 60 + 34 * len(rows),
    )  # fmt: skip


async def _rates(desk: Desk, bar: Bar, path: str, maps: tuple[str, ...]) -> None:
    totals: dict[str, Any] = {}

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(path, limit=limit, offset=offset, **_asked(bar))
        totals.update(said["totals"])
        return said["rows"], said["total"]

    async def open_row(row: Row) -> None:
        await bar.choose(org=row["org"])

    first = await desk.get(path, limit=1, **_asked(bar))
    without = ("landed_mapped",) if len(maps) > 1 else ("landed_mapped", "map_zh")
    with card(desk.say("按机构", "By institution"), _click(desk)):
        with ui.element("div").classes("sj-corner"):
            export(desk, path, lambda: _asked(bar))
        listed = columns(desk, first["columns"], first["rows"], without=(*without, *own(desk)), sort=True)
        await Grid(desk, listed, load, on_row=open_row, totals=lambda: totals, bar=bar).refresh()


def _click(desk: Desk) -> str:
    return "" if desk.me.org else desk.say("点击一行只看该机构", "click a row for this one only")


async def _unmapped(desk: Desk, bar: Bar, map: str) -> None:
    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/indicators/mapping/unmapped", map=map, limit=limit, offset=offset, **_asked(bar))
        return said["rows"], said["total"]

    def keep(row: Row) -> str:
        return keep_address(row["org"], map, bar.values["month"])

    with ui.element("div").classes("sj-corner"):
        export(desk, "/indicators/mapping/unmapped", lambda: {**_asked(bar), "map": map})
    listed = [
        Col("code", *FIELDS["local_code"], link=keep if desk.may("codemaps.write") else None),
        Col("local_name", *FIELDS["local_name"], wrap=True),
        *([] if desk.me.org else [Col("name", "机构", "institution", under="org")]),
        Col("columns_zh", "出现的列", "columns", wrap=True),
        Col("rows", "行数", "rows", "int"),
    ]
    grid = Grid(
        desk, listed, load,
        lambda: empty(desk, "全部已对码", "Everything is mapped", icon="task_alt"),
    )  # fmt: skip
    await grid.refresh()
