"""Fee shares (indicator 4): what was charged, by fee category, kind of care and month; drugs and consumables."""

from __future__ import annotations

from asyncio import gather
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.reports import fee_charts
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.figures import money, percent
from api.console.parts.files import export
from api.console.parts.grid import Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.parts.report import columns, numbers, own, year_ends
from api.console.routing import page
from api.console.words import FLAGGED
from api.indicators.names import CARE

_PATH = "/reports/fees"
_SHARES, _DRUGS = "/indicators/fee_shares", "/indicators/fee_shares/drugs"
#: Charges come from one table for each kind of care.
_TABLES = {"outpatient": "TB_MZ_SFMXB", "inpatient": "TB_ZY_SFMXB"}
#: Months × kinds of care × fee categories of a year.
_OF_A_YEAR = 1000


@page(_PATH, "费用占比", "Fee shares", right="indicators.read", group="reports", icon="pie_chart")
async def fee_shares(
    desk: Desk, month: str = "", org: str = "", care: str = "", city: str = "", county: str = "", level: str = "",
    type: str = "", sort: str = "",
) -> None:  # fmt: skip
    """Shares of a month, and of the year up to it in the charts."""
    bar = Bar(desk, _PATH, {
        "month": month, "org": org, "care": care, "city": city, "county": county, "level": level, "type": type,
        "sort": sort,
    })  # fmt: skip
    bar.month()
    bar.org(await orgs.names(desk))
    cares = {name: desk.say(*words) for name, words in CARE.items()}
    bar.select("care", desk.say("门诊或住院", "Care"), {"": desk.say("全部", "all"), **cares})
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        export(desk, _SHARES, lambda: _asked(bar), desk.say("导出费用占比", "Export fee shares"))
        export(desk, _DRUGS, lambda: _asked(bar), desk.say("导出药占比", "Export drug shares"))
    figures = ui.element("div").classes("sj-wide")
    with ui.element("div").classes("sj-row"):
        with card(
            desk.say("费用类别占比", "Shares of fee categories"), desk.say("近一年按月", "a year by month")
        ) as made:
            made.classes("sj-two")
            shares = ui.element("div").classes("sj-wide")
        with card(desk.say("药占比与耗材占比", "Drugs and consumables"), desk.say("近一年按月", "a year by month")):
            drugs = ui.element("div").classes("sj-wide")
    grids = [
        await _grid(desk, bar, _DRUGS, desk.say("药品与耗材，按机构", "Drugs and consumables by institution")),
        await _grid(desk, bar, _SHARES, desk.say("按机构和费用类别", "By institution and fee category")),
    ]

    async def refresh() -> None:
        for grid in grids:
            await grid.refresh()
        asked = _asked(bar)
        first, last = year_ends(asked.pop("month"))
        year = {**asked, "from_": first, "to": last, "group": "all", "limit": _OF_A_YEAR}
        of_year, drugs_of_year, now, drugs_now = await gather(
            desk.get(_SHARES, **year), desk.get(_DRUGS, **year),
            desk.get(_SHARES, limit=1, **_asked(bar)), desk.get(_DRUGS, limit=1, **_asked(bar)),
        )  # fmt: skip
        figures.clear()
        with figures:
            _figures(desk, now["totals"], drugs_now["totals"])
        shares.clear()
        with shares:
            fee_charts.categories(desk, bar.values["month"], of_year["rows"])
        drugs.clear()
        with drugs:
            fee_charts.drugs(desk, bar.values["month"], drugs_of_year["rows"])

    bar.on_change(refresh)
    later(desk, bar.show)


def _asked(bar: Bar) -> dict[str, Any]:
    asked = bar.query()
    care = asked.pop("care", "")
    return {**asked, "table": _TABLES.get(care, "")}


async def _grid(desk: Desk, bar: Bar, path: str, title: str) -> Grid:
    totals: dict[str, Any] = {}

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(path, limit=limit, offset=offset, **_asked(bar))
        totals.update(said["totals"])
        return said["rows"], said["total"]

    first = await desk.get(path, limit=1, **_asked(bar))
    listed = columns(desk, first["columns"], first["rows"], without=("month", *own(desk)), sort=True)
    with card(title):
        return Grid(
            desk, listed, load,
            lambda: empty(desk, "这个月没有收费记录", "Nothing was charged in this month", "换一个月份或机构",
                          "Choose another month or institution"),
            totals=lambda: totals, bar=bar,
        )  # fmt: skip


def _figures(desk: Desk, fees: dict[str, Any], drugs: dict[str, Any]) -> None:
    if not drugs.get("amount") or float(drugs["amount"]) == 0:
        return
    yuan = desk.say("元", "yuan")
    numbers([
        (desk.say("费用合计", "Charged"), money(fees["amount"]), yuan, ""),
        (desk.say("门诊", "Outpatient"), money(fees["outpatient"]), percent(fees["outpatient_share"]), "#0072B2"),
        (desk.say("住院", "Inpatient"), money(fees["inpatient"]), percent(fees["inpatient_share"]), "#0072B2"),
        (desk.say("药占比", "Share of drugs"), percent(drugs["drug_share"]), f"{money(drugs['drugs'])} {yuan}",
         fee_charts.DRUGS),
        (desk.say("耗材占比", "Share of consumables"), percent(drugs["consumable_share"]),
         f"{money(drugs['consumables'])} {yuan}", fee_charts.CONSUMABLES),
        (desk.say("未对码金额", "Unmapped"), money(drugs["unmapped"]),
         desk.say("不计入占比，请先做费用对码", "in no share; map the fee categories"), FLAGGED),
    ])  # fmt: skip
