"""Specialties (脾胃, 心血管, 康复, 儿科, 风湿): their front pages, cost, length of stay and quality."""

from __future__ import annotations

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import GROUP, last_month
from api.console.parts import orgs, regions
from api.console.parts.bar import Bar
from api.console.parts.figures import NOTHING
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.later import later
from api.console.parts.notes import card, empty
from api.console.routing import page

_PATH, _API = "/front-pages/specialties", "/front-pages/specialties/figures"
_FIGURES = (
    Col("pages", "首页数", "front pages", "int"),
    Col("mean_days", "平均住院日", "mean stay (days)", "number"),
    Col("mean_cost", "次均费用", "mean cost", "money"),
    Col("cost", "总费用", "cost", "money"),
    Col("drug_share", "药占比", "medicine", "percent"),
    Col("chinese_share", "中医药占比", "Chinese medicine", "percent"),
    Col("procedure_share", "有手术操作", "procedure", "percent"),
    Col("death_share", "病死率", "deaths", "percent"),
    Col("score", "质量得分", "score", "number"),
)
_BY = {
    "any": ("科别或诊断", "department or diagnosis"),
    "department": ("出院科别", "department"),
    "diagnosis": ("诊断", "diagnosis"),
}


@page(_PATH, "专科情况", "Specialties", right="indicators.read", group=GROUP, icon="category")
async def specialties(
    desk: Desk,
    month: str = "",
    specialty: str = "",
    by: str = "",
    org: str = "",
    city: str = "",
    county: str = "",
    level: str = "",
    type: str = "",
) -> None:
    """All specialties; one of them by institution."""
    bar = Bar(
        desk,
        _PATH,
        {
            "month": month or last_month(),
            "specialty": specialty,
            "by": by or "any",
            "org": org,
            "city": city,
            "county": county,
            "level": level,
            "type": type,
        },
    )
    known = {one["name"]: one for one in (await desk.get("/front-pages/specialties"))["specialties"]}
    bar.month()
    bar.select(
        "specialty",
        desk.say("专科", "Specialty"),
        {"": desk.say("全部", "all"), **{name: desk.say(one["zh"], one["en"]) for name, one in known.items()}},
    )
    bar.select("by", desk.say("归入", "By"), {name: desk.say(*words) for name, words in _BY.items()})
    bar.org(await orgs.names(desk))
    await regions.fields(desk, bar)
    with bar.row:
        ui.space()
        export(desk, _API, lambda: {**bar.query(), "group": "org" if bar.values["specialty"] else "all"})
    place = ui.element("div").classes("sj-wide sj-stack")

    async def refresh() -> None:
        place.clear()
        with place:
            await _every(desk, bar)
            if bar.values["specialty"]:
                await _one(desk, bar, known[bar.values["specialty"]])

    bar.on_change(refresh)
    later(desk, bar.show)


async def _every(desk: Desk, bar: Bar) -> None:
    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(_API, limit=limit, offset=offset, **bar.query())
        return [{**row, "called": desk.told(row, "specialty")} for row in said["rows"]], said["total"]

    async def choose(row: Row) -> None:
        await bar.choose(specialty=row["specialty"])

    columns = (Col("called", "专科", "specialty"), Col("orgs", "机构数", "institutions", "int"), *_FIGURES)
    with card(
        desk.say("专科", "Specialties"),
        desk.say(
            "一份首页可属多个专科；点击一行按机构查看", "a front page may belong to several; click for its institutions"
        ),
    ):
        await Grid(desk, columns, load, lambda: _nothing(desk), choose, whole=True).refresh()


async def _one(desk: Desk, bar: Bar, known: Row) -> None:
    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get(_API, group="org", limit=limit, offset=offset, **bar.query())
        return said["rows"], said["total"]

    async def choose(row: Row) -> None:
        asked = f"month={row['month']}&org={row['org']}&specialty={bar.values['specialty']}"
        ui.navigate.to(f"/front-pages/score?{asked}")

    departments = " ".join(known["departments"]) or NOTHING
    diagnoses = " ".join([*known["diagnoses"], *known["diseases"]]) or NOTHING
    codes = desk.say(
        f"代码开头：出院科别 {departments}；诊断 {diagnoses}",
        f"beginnings of codes: departments {departments}; diagnoses {diagnoses}",
    )
    with card(desk.say(f"{known['zh']}：各机构", f"{known['en']}: institutions"), codes):
        columns = (Col("name", "机构", "institution", under="org"), *_FIGURES)
        await Grid(desk, columns, load, lambda: _nothing(desk), choose).refresh()


def _nothing(desk: Desk) -> None:
    empty(
        desk,
        "这个月没有这些专科的首页",
        "No front pages of these specialties in this month",
        "换一个月份",
        "Choose another month",
    )
