"""Quality score of front pages with the ranking; a click on an institution shows its rules and front pages."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GRADES, GROUP, OUTCOMES, last_month
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.charts import chart
from api.console.parts.figures import NOTHING, count
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, dialog, empty
from api.console.parts.report import numbers
from api.console.routing import page
from api.console.words import SERIES, SEVERITIES

_PATH, _API = "/front-pages/score", "/front-pages/score"
#: Institutions in the chart.
_SHOWN = 15
_PARTS = {"completeness": ("完整性", "completeness"), "logic": ("逻辑性", "logic"), "coding": ("编码规范", "coding")}
_POINTS = tuple(Col(name, zh, en, "number", sort=True) for name, (zh, en) in _PARTS.items())
_RANKING = (
    Col("rank", "名次", "rank", "int"),
    Col("name", "机构", "institution", under="org"),
    Col("score", "得分", "score", "number", sort=True),
    Col("grade", "等级", "grade", looks=GRADES),
    *_POINTS,
    Col("pages", "首页数", "front pages", "int", sort=True),
    Col("rejected", "拒收", "rejected", "int", sort=True),
    Col("perfect", "无问题", "no finding", "int", sort=True),
    Col("findings", "问题", "findings", "int", sort=True),
)
_RULES = (
    Col("part_name", "方面", "part"),
    Col("rule", "规则", "rule", wrap=True, under="rule_id"),
    Col("severity", "级别", "severity", looks=SEVERITIES),
    Col("column_name", "列", "column", under="column"),
    Col("pages", "首页数", "front pages", "int"),
    Col("points", "扣分", "points", "number"),
    Col("fix", "改正办法", "what to do", wrap=True),
)
_PAGES = (
    Col("row_key", "病案号|住院次数", "record|admission"),
    Col("file_row", "文件行号", "row of the file", "int"),
    Col("outcome", "结果", "outcome", looks=OUTCOMES),
    Col("department", "出院科别", "department"),
    Col("diagnosis", "主要诊断", "diagnosis"),
    Col("score", "得分", "score", "number"),
    *(Col(name, zh, en, "number") for name, (zh, en) in _PARTS.items()),
    Col("findings", "问题", "findings", "int"),
)


@page(_PATH, "质量评分", "Quality score", right="indicators.read", group=GROUP, icon="grade")
async def score(
    desk: Desk,
    month: str = "",
    org: str = "",
    city: str = "",
    county: str = "",
    level: str = "",
    type: str = "",
    specialty: str = "",
    sort: str = "",
) -> None:
    """The ranking of a month."""
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
            "specialty": specialty,
            "sort": sort,
        },
    )
    bar.month()
    bar.org(await orgs.names(desk))
    await regions.fields(desk, bar)
    known = (await desk.get("/front-pages/specialties"))["specialties"]
    bar.select(
        "specialty",
        desk.say("专科", "Specialty"),
        {
            "": desk.say("全部", "all"),
            **{one["name"]: desk.told(one, "") or desk.say(one["zh"], one["en"]) for one in known},
        },
    )
    with bar.row:
        ui.space()
        ui.button(desk.say("评分办法", "How it is made"), icon="help_outline", on_click=lambda: _terms(desk)).props(
            "flat dense no-caps"
        )
        export(desk, _API, bar.query)
    place = ui.element("div").classes("sj-wide sj-stack")

    async def refresh() -> None:
        place.clear()
        with place:
            await _show(desk, bar)

    bar.on_change(refresh)
    later(desk, bar.show)


async def _show(desk: Desk, bar: Bar) -> None:
    said = await desk.get(_API, limit=_SHOWN, **bar.query())
    if not said["rows"]:
        empty(
            desk,
            "这个月没有首页",
            "There are no front pages of this month",
            "换一个月份，或先上报",
            "Choose another month, or submit first",
        )
        return
    _figures(desk, said["totals"])
    one = bool(desk.me.org or bar.values["org"])
    if not one:
        with card(desk.say("得分最高的机构", "The institutions with the highest scores")):
            _chart(desk, said["rows"])

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        found = await desk.get(_API, limit=limit, offset=offset, **bar.query())
        return found["rows"], found["total"]

    async def choose(row: Row) -> None:
        await bar.choose(org=row["org"])

    with card(
        desk.say("排名", "Ranking"),
        "" if one else desk.say("点击一行看该机构的扣分规则和逐份得分", "click a row for its rules and front pages"),
    ):
        await Grid(desk, _RANKING, load, None, choose, bar=bar).refresh()
    await _behind(desk, bar, one=one)


async def _behind(desk: Desk, bar: Bar, *, one: bool) -> None:
    """What takes points away, and for one institution each front page."""
    asked = {name: value for name, value in bar.query().items() if name != "sort"}

    async def rules(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(f"{_API}/rules", limit=limit, offset=offset, **asked)
        return [
            {
                **row,
                "part_name": desk.told(row, "part"),
                "rule": desk.told(row, "rule"),
                "fix": desk.told(row, "fix"),
                "column_name": row["column_zh"] if desk.lang == "zh" else row["column"],
            }
            for row in said["rows"]
        ], said["total"]

    async def pages(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(f"{_API}/rows", limit=limit, offset=offset, **asked)
        return said["rows"], said["total"]

    async def open_page(row: Row) -> None:
        if row["submission"]:
            ui.navigate.to(f"/front-pages/submissions/{row['submission']}/{row['file_row']}")
        else:
            ui.navigate.to(f"/records/{row['org']}/{row['row_key'].split('|')[0]}")

    with card(desk.say("扣分规则", "What takes points away"), desk.say("扣分多的在前", "the most first")):
        await Grid(
            desk, _RULES, rules, lambda: empty(desk, "没有扣分", "Nothing was taken away", icon="task_alt")
        ).refresh()
    if one:
        with card(
            desk.say("逐份得分", "Each front page"),
            desk.say("扣分多的在前；点击一行查看首页", "those that lost most first; click for the front page"),
        ):
            await Grid(desk, _PAGES, pages, None, open_page).refresh()


def _figures(desk: Desk, totals: dict[str, Any]) -> None:
    def points(name: str) -> str:
        return NOTHING if totals[name] is None else f"{totals[name]:.2f}"

    numbers(
        [
            (
                desk.say("总分", "Score"),
                points("score"),
                desk.say(f"{count(totals['orgs'])} 家机构", f"{count(totals['orgs'])} institutions"),
                "",
            ),
            *(
                (desk.say(*words), points(name), "", SERIES[place])
                for place, (name, words) in enumerate(_PARTS.items())
            ),
            (
                desk.say("首页数", "Front pages"),
                count(totals["pages"]),
                desk.say(f"拒收 {count(totals['rejected'])}", f"{count(totals['rejected'])} rejected"),
                "",
            ),
            (desk.say("无问题", "No finding"), count(totals["perfect"]), "", ""),
        ]
    )


def _chart(desk: Desk, rows: list[Row]) -> None:
    best = rows[::-1]
    chart(
        {
            "legend": {"top": 0},
            "grid": {"left": 4, "right": 40, "top": 30, "bottom": 4, "containLabel": True},
            "xAxis": {"type": "value", "min": 0, "max": 100},
            "yAxis": {
                "type": "category",
                "axisTick": {"show": False},
                "data": [f"{row['rank']} {row['name'] or row['org']}" for row in best],
            },
            "series": [
                {
                    "name": desk.say(*words),
                    "type": "bar",
                    "barMaxWidth": 8,
                    "itemStyle": {"color": SERIES[place]},
                    "data": [row[name] for row in best],
                }
                for place, (name, words) in enumerate(_PARTS.items())
            ],
        },
        desk.say("完整性、逻辑性、编码规范", "completeness, logic, coding"),
        60 + 34 * len(best),
    )


async def _terms(desk: Desk) -> None:
    said = await desk.get("/front-pages/score/terms")
    with dialog(desk, desk.say("评分办法", "How the score is made")) as made:
        ui.label(
            desk.say(
                "每份首页在每个方面从 100 分起，违反一条规则扣分："
                f"错误 {said['error']:.0f} 分，警告 {said['warning']:.0f} 分，扣完为止。"
                "机构得分为各份首页的平均，总分按权重相加。只计当月有效的那次上报。",
                f"Each front page begins with 100 points in each part; a violated rule takes {said['error']:.0f} "
                f"(error) or {said['warning']:.0f} (warning) away, not below 0. An institution has the mean of its "
                "front pages; the score is the weighted sum. Only the submission that counts is looked at.",
            )
        ).classes("sj-text")
        for part in said["parts"]:
            ui.label(f"{desk.say(part['zh'], part['en'])} {part['weight'] * 100:.0f}%").classes("sj-strong")
        ui.label(
            desk.say(
                f"{said['good']:.0f} 分起为优良，{said['enough']:.0f} 分起为合格。",
                f"Good from {said['good']:.0f}, enough from {said['enough']:.0f}.",
            )
        ).classes("sj-muted")
    made.open()
