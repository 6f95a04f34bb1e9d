"""One test institution: the checklist, what its messages came to, credentials, commands, application and approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk, Refused
from api.console.pages.onboarding import look
from api.console.pages.onboarding.decide import Decide
from api.console.pages.onboarding.log import log
from api.console.pages.onboarding.machines import machines
from api.console.parts import fresh
from api.console.parts.badges import badge
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import moment, percent
from api.console.parts.notes import card
from api.console.routing import page

Row = Mapping[str, Any]


@page("/onboarding/{org}", "接入进度", "Joining", right="onboarding.read")
async def onboarding(desk: Desk, org: str) -> None:
    """How far this one is."""
    head, rest = ui.element("div").classes("sj-stack"), ui.element("div").classes("sj-stack")

    async def again() -> None:
        try:
            said = await desk.get(f"/onboarding/{quote(org)}")
        except Refused:
            head.clear()
            rest.clear()
            raise
        head.clear()
        with head:
            _head(desk, said, decide)
            with ui.element("div").classes("sj-row"):
                with ui.element("div").classes("sj-stack sj-two"):
                    _checklist(desk, said)
                with ui.element("div").classes("sj-stack"):
                    machines(desk, said, again)
                    _steps(desk, said["steps"])
        await messages.again()

    with rest:
        messages = log(desk, org)
        _commands(desk, org)
    decide = Decide(desk, again)
    with head:
        ui.spinner(size="lg").props(f'aria-label="{desk.say("正在核对清单", "Working out the checklist")}"')
    await ui.context.client.connected()  # the checklist asks for a lot: shown when it is there
    await again()
    fresh.watch(desk, again)
    fresh.follow(desk, org, again)


def _head(desk: Desk, said: Row, decide: Decide) -> None:
    record = said["onboarding"]
    with card():
        with ui.row().classes("sj-badges"):
            badge(desk, look.STATES, record["state"])
            if record["ready"] and record["state"] in ("testing", "refused"):
                ui.label(desk.say("✓ 可申请正式接入", "✓ ready to apply")).classes("sj-good sj-strong")
            ui.space()
            ui.link(desk.say("返回列表", "Back to the list"), "/onboarding")
        ui.label(record["name"]).classes("sj-case-title").props('role="heading" aria-level="2"')
        facts([
            Fact(desk.say("测试机构代码", "Test institution"), record["org"]),
            Fact(desk.say("正式机构代码", "Real institution"), record["formal"] or desk.say("未填", "not known yet")),
            Fact(desk.say("地区", "Region"), record["region"]),
            Fact(desk.say("正式上传从", "Sends from"), record["starts_on"] or ""),
        ], inline=True)  # fmt: skip
        decide.buttons(said)


def _checklist(desk: Desk, said: Row) -> None:
    found = said["conditions"]
    met = sum(one["state"] == "met" for one in found)
    title = desk.say("接入清单", "Checklist")
    more = desk.say(
        f"{met} / {len(found)} 项满足；全部满足即可申请", f"{met} of {len(found)} met; with all of them, apply"
    )
    with card(title, more):
        ui.linear_progress(met / max(1, len(found)), show_value=False).props(
            f'color={"positive" if met == len(found) else "primary"} rounded aria-label="{more}"'
        )
        with ui.element("ul").classes("sj-checks"):
            for one in found:
                with ui.element("li"):
                    _condition(desk, one)


def _condition(desk: Desk, one: Row) -> None:
    with ui.row().classes("sj-check"):
        badge(desk, look.CONDITIONS, one["state"])
        ui.label(one[desk.lang]).classes("sj-check-text")
        ui.label(look.against(one, desk.lang)).classes("sj-figure sj-strong")
    if desk.told(one, "fix"):
        ui.label(desk.told(one, "fix")).classes("sj-check-fix")
    lacking = [item for item in one["items"] if item["state"] != "met"]
    if lacking:
        title = desk.say(f"未满足的 {len(lacking)} 项", f"{len(lacking)} not met")
        with ui.expansion(title).props("dense"), ui.element("ul").classes("sj-list"):
            for item in lacking:
                _item(desk, one, item)


def _item(desk: Desk, one: Row, item: Row) -> None:
    have, needed = (look.figure(item[name], one["unit"], desk.lang) for name in ("figure", "needed"))
    rate = ""
    if item["rate"] is not None and one["unit"] != "share":
        rate = desk.say(f"，入库率 {percent(item['rate'], 1)}", f", accepted {percent(item['rate'], 1)}")
    with ui.element("li"):
        ui.label(f"{item[desk.lang]} {item['name']}")
        ui.label(f"{have} / {needed}{rate}").classes("sj-figure")


def _steps(desk: Desk, steps: list[Row]) -> None:
    title, order = desk.say("经过", "What happened"), desk.say("最新的在前", "newest first")
    with card(title, order), ui.element("ol").classes("sj-steps"):
        for step in reversed(steps):
            with ui.element("li"):
                with ui.row().classes("sj-step-head"):
                    ui.label(step["action_zh"] if desk.lang == "zh" else step["action"]).classes("sj-strong")
                    ui.label(moment(step["at"], seconds=True)).classes("sj-muted")
                ui.label(step["actor"]).classes("sj-muted")
                if step["note"]:
                    ui.label(step["note"]).classes("sj-text")


def _commands(desk: Desk, org: str) -> None:
    with card(desk.say("示例命令", "Commands"), desk.say("复制后填入密钥", "put the secret in yourself")):
        for (zh, en), text in look.commands(desk.address, org):
            ui.label(desk.say(zh, en)).classes("sj-muted")
            with ui.row().classes("sj-line"):
                ui.label(text).classes("sj-command")
                ui.button(icon="content_copy", on_click=lambda text=text: ui.clipboard.write(text)).props(
                    f'flat dense aria-label="{desk.say("复制", "Copy")}"'
                )
