"""Test institutions with how far they are; making a new one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.admin.clients import secret
from api.console.pages.onboarding import look
from api.console.parts import fresh
from api.console.parts.bar import Bar
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.levels import TYPES
from api.console.parts.notes import act, card, empty, told
from api.console.routing import page

_PATH = "/onboarding"


@page(_PATH, "接入", "Joining", right="onboarding.read", group="join", icon="how_to_reg")
async def onboardings(desk: Desk, text: str = "", state: str = "") -> None:
    """All that this person may see; a tester of one test institution sees that one."""
    bar = Bar(desk, _PATH, {"text": text, "state": state})
    bar.text("text", desk.say("名称或代码", "Name or code"))
    bar.select("state", desk.say("状态", "State"), {"": desk.say("全部", "all")} | {
        name: desk.say(one.zh, one.en) for name, one in look.STATES.items()
    })  # fmt: skip
    if desk.may("onboarding.start"):
        with bar.row:
            ui.space()
            ui.button(desk.say("建立测试机构", "Make a test institution"), icon="add",
                      on_click=lambda: _start(desk, bar)).props("unelevated dense no-caps")  # fmt: skip
    with card():
        place = ui.element("div")

    async def refresh() -> None:
        found = [_row(desk, one) for one in (await desk.get("/onboarding"))["onboardings"]]
        rows = [row for row in found if _wanted(row, bar.values)]
        place.clear()
        with place:
            await Grid(desk, _COLUMNS, pages_of(rows), lambda: _nothing(desk, bool(found)), on_row=_open).refresh()

    bar.on_change(refresh)
    await act(desk, refresh)()
    fresh.watch(desk, refresh)


_COLUMNS = (
    Col("name", "机构", "Institution", link=lambda row: f"{_PATH}/{quote(row['org'])}", under="org"),
    Col("state", "状态", "State", looks=look.STATES), Col("progress", "满足的条件", "Conditions met"),
    Col("next", "下一步", "Next"), Col("formal", "正式机构代码", "Code of the real one"),
    Col("region", "地区", "Region"), Col("created_by", "建立人", "Made by"),
    Col("changed_at", "变化", "Changed", "time"),
)  # fmt: skip


async def _open(row: dict[str, Any]) -> None:
    ui.navigate.to(f"{_PATH}/{quote(row['org'])}")


def _row(desk: Desk, one: dict[str, Any]) -> dict[str, Any]:
    following = {
        "testing": ("可以申请", "may apply") if one["ready"] else ("继续测试", "goes on testing"),
        "applied": ("等待审批", "waits for a decision"), "refused": ("改正后再申请", "mends and applies again"),
        "approved": (f"{one['starts_on'] or ''} 起正式上传", f"sends from {one['starts_on'] or ''}"),
    }.get(one["state"], ("", ""))  # fmt: skip
    progress = "" if one["met"] is None else f"{one['met']} / {one['conditions']}"
    return {**one, "next": desk.say(*following), "progress": progress}


def _wanted(row: dict[str, Any], chosen: dict[str, str]) -> bool:
    text = chosen["text"].casefold()
    return chosen["state"] in ("", row["state"]) and any(
        text in str(row[name]).casefold() for name in ("name", "org", "formal")
    )


def _nothing(desk: Desk, narrowed: bool) -> None:
    if narrowed:
        empty(desk, "没有符合条件的机构", "None is like that", "换一个筛选条件", "Try other filters", "filter_alt_off")
    elif desk.may("onboarding.start"):
        empty(desk, "还没有机构在接入", "Nobody is joining yet", "点“建立测试机构”，把凭证交给医院或厂商",
              "Make a test institution and hand its credentials over", "how_to_reg")  # fmt: skip
    else:
        empty(desk, "没有可查看的接入", "Nothing to see", "请联系所在地区的管理员建立测试机构",
              "Ask the administrator of your region for a test institution", "how_to_reg")  # fmt: skip


def _start(desk: Desk, bar: Bar) -> None:
    kinds = {name: desk.say(*pair) for name, pair in TYPES.items()}
    fields = [
        Field("name", "机构名称", "Name", needed=True),
        Field("formal", "正式机构代码（22 位，可后补）", "Code of the real institution (22, may come later)"),
        Field("city", "市代码（6 位）", "City code (6 digits)", needed=True, hint="370100"),
        Field("county", "县区代码（6 位）", "County code (6 digits)", hint="370112"),
        Field("type", "类型", "Type", "choice", kinds), Field("outpatient", "有门诊", "Outpatients", "switch"),
        Field("inpatient", "有住院", "Wards", "switch"), Field("contact", "联系人", "Contact"),
        Field("phone", "电话", "Phone"),
        Field("registration", "注册编号（把注册人设为测试人员）", "Id of a registration"),
        Field("client", "同时生成接入凭证，名称", "Label of credentials to make with it"),
    ]  # fmt: skip
    values = {"type": "hospital", "outpatient": True, "inpatient": True, "client": desk.say("HIS 接口测试", "HIS test")}

    async def save(filled: dict[str, Any]) -> None:
        made = await desk.post("/onboarding", filled)
        told(desk, f"已建立测试机构 {made['onboarding']['org']}", f"Made: {made['onboarding']['org']}")
        if made["credentials"]:
            secret(desk, made["credentials"])
        await bar.again()

    form(desk, desk.say("建立测试机构", "Make a test institution"), fields, values, save)
