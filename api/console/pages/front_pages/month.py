"""The centre's report on a month: who submitted what and when, on time or late, and how good it was."""

from __future__ import annotations

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GRADES, GROUP, MONTHS, last_month
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.figures import count, percent
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card
from api.console.parts.report import numbers
from api.console.routing import page
from api.console.words import Look

_PATH, _API = "/front-pages/month", "/front-pages/report"
_CONTACT = {
    "yes": Look("已填写", "filled in", "#009E73", "#ffffff", "✓"),
    "no": Look("未填全", "incomplete", "#E69F00", "#1b1b1b", "◐"),
}
_COLUMNS = (
    Col("name", "机构", "institution", under="org"),
    Col("state", "状态", "state", looks=MONTHS),
    Col("submissions", "上报次数", "submissions", "int"),
    Col("attempts", "未成功", "did not count", "int"),
    Col("first_at", "首次", "first", "time"),
    Col("last_at", "最近", "last", "time"),
    Col("rows", "首页数", "front pages", "int", sort=True),
    Col("rejected", "拒收", "rejected", "int"),
    Col("error_rate", "错误率", "error rate", "percent", sort=True),
    Col("score", "质量得分", "score", "number", sort=True),
    Col("grade", "等级", "grade", looks=GRADES),
    Col("rank", "名次", "rank", "int"),
    Col("sheet", "联系人", "contact", looks=_CONTACT),
)


@page(_PATH, "上报月报", "Month's report", right="indicators.read", group=GROUP, icon="summarize")
async def month_page(
    desk: Desk,
    month: str = "",
    org: str = "",
    city: str = "",
    county: str = "",
    level: str = "",
    type: str = "",
    sort: str = "",
) -> None:
    """What needs a call first."""
    bar = Bar(
        desk,
        _PATH,
        {
            "month": month or last_month(),
            "org": org,
            "city": city,
            "county": county,
            "level": level,
            "type": type,
            "sort": sort,
        },
    )
    bar.month()
    bar.org(await orgs.names(desk))
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        export(desk, _API, bar.query)
    figures = ui.element("div").classes("sj-wide")

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(_API, limit=limit, offset=offset, **bar.query())
        totals = said["totals"]
        figures.clear()
        with figures:
            numbers(
                [
                    (desk.say("应上报机构", "Institutions"), count(totals["orgs"]), "", ""),
                    *(
                        (desk.say(look.zh, look.en), count(totals[state]), look.sign, look.colour)
                        for state, look in MONTHS.items()
                    ),
                    (desk.say("首页数", "Front pages"), count(totals["rows"]), "", ""),
                    (desk.say("错误率", "Error rate"), percent(totals["error_rate"]), "", ""),
                    (desk.say("联系人已填", "Contacts filled in"), f"{totals['contacts']} / {totals['orgs']}", "", ""),
                ]
            )
        return [{**row, "sheet": "yes" if row["contact"] else "no"} for row in said["rows"]], said["total"]

    async def choose(row: Row) -> None:
        ui.navigate.to(f"/front-pages/submissions?month={row['month']}&org={row['org']}")

    with card(
        desk.say("各机构", "Institutions"),
        desk.say("需要催报的在前；点击一行看上报记录", "what needs a call first; click for the submissions"),
    ):
        grid = Grid(desk, _COLUMNS, load, None, choose, bar=bar)
    bar.on_change(grid.refresh)
    later(desk, bar.show)
