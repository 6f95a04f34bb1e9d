"""Lists of codes: code sets, dictionaries, catalogues of the code maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.standard import words
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.notes import act, card
from api.console.parts.strip import strip
from api.console.routing import page

_PATH = "/standard/codes"
#: Columns named where a list is used; the rest is on its page.
_NAMED = 4
#: What catalogues say of a code, beside its name (of a drug that is the generic one).
_FIELDS: Mapping[str, tuple[str, str]] = {
    "parent": ("上级", "Parent"), "hqms_code": ("HQMS 代码", "HQMS code"), "level": ("级别", "Level"),
    "group_zh": ("大类", "Group"), "dosage_form": ("剂型", "Form"),
    "dosage_form_code": ("剂型代码", "Code of the form"), "specification": ("规格", "Specification"),
    "manufacturer": ("生产企业", "Manufacturer"), "unit": ("单位", "Unit"), "package": ("包装", "Package"),
    "category": ("类别", "Category"), "subcategory": ("小类", "Subcategory"), "drug_class": ("药品分类", "Class"),
    "antibacterial": ("抗菌药", "Antibacterial"), "controlled": ("管制", "Controlled"), "sex": ("限性别", "Sex"),
}  # fmt: skip


@page(_PATH, "值域与目录", "Lists of codes", right="standard.read")
async def standard_codes(desk: Desk, q: str = "") -> None:
    """All lists."""
    strip(desk, words.PAGES, _PATH)
    bar = Bar(desk, _PATH, {"q": q})
    bar.text("q", desk.say("搜索名称、来源、列", "Search name, source, column"))
    with card():
        place = ui.element("div")

    async def refresh() -> None:
        found = (await desk.get("/standard/code-sets", **bar.query()))["code_sets"]
        rows = [
            {**one, "called": _called(desk, one),
             "sort": one["kind_zh"] if desk.lang == "zh" else one["kind"].replace("_", " "),
             "where": "、".join(one["used_by"][:_NAMED]) + (" …" if len(one["used_by"]) > _NAMED else "")}
            for one in found
        ]  # fmt: skip
        columns = [
            Col("called", "名称", "Name", link=lambda row: f"{_PATH}/{quote(row['name'])}", under="name"),
            Col("sort", "类别", "Kind"),
            Col("codes", "代码数", "Codes", kind="int"), Col("source", "来源", "Source", wrap=True),
            Col("where", "用于", "Used by", wrap=True),
        ]  # fmt: skip
        place.clear()
        with place:
            await Grid(desk, columns, pages_of(rows), whole=True).refresh()

    bar.on_change(refresh)
    await act(desk, refresh)()


def _called(desk: Desk, one: Mapping[str, Any]) -> str:
    """A list has the name of what it lists: a map's, or that of the first column that uses it."""
    name = str(one["name"])
    if name in words.MAPS:
        return words.pair(words.MAPS, name, desk.lang)
    return desk.told(one, "called") or name


@page(f"{_PATH}/{{name}}", "值域与目录", "List of codes", right="standard.read")
async def standard_code_list(desk: Desk, name: str, q: str = "") -> None:
    """One list."""
    path = f"/standard/code-sets/{quote(name)}"
    about = await desk.get(path, limit=1)
    strip(desk, words.PAGES, _PATH)
    with card():
        ui.label(" ".join(dict.fromkeys((_called(desk, about), name)))).classes("sj-case-title").props(
            'role="heading" aria-level="2"'
        )
        facts([
            Fact(desk.say("类别", "Kind"), about["kind_zh"] if desk.lang == "zh" else about["kind"].replace("_", " ")),
            Fact(desk.say("代码数", "Codes"), f"{about['codes']:,}"),
            Fact(desk.say("来源", "Source"), about["source"]),
            Fact(desk.say("用于", "Used by"), "、".join(about["used_by"])),
        ], inline=True)  # fmt: skip
    bar = Bar(desk, f"{_PATH}/{quote(name)}", {"q": q})
    bar.text("q", desk.say("搜索代码或名称", "Search code or name"))
    with card():
        place = ui.element("div")

    async def load(limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        said = await desk.get(path, limit=limit, offset=offset, **bar.query())
        return [{**one, **one["fields"]} for one in said["code_list"]], said["total"]

    columns = [Col("code", "代码", "Code"), Col("name_zh", "名称", "Chinese name")]
    if about["code_list"] and about["code_list"][0]["name_en"]:
        columns.append(Col("name_en", "英文名称", "Name", wrap=True))
    fields = about["code_list"][0]["fields"] if about["code_list"] else {}
    columns += [Col(field, *_FIELDS[field]) for field in fields if field in _FIELDS]
    with place:
        grid = Grid(desk, columns, load)
    bar.on_change(grid.refresh)
    await act(desk, grid.refresh)()
