"""The credentials of a test institution: made, replaced, taken back; the secret is shown once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.admin.clients import secret
from api.console.parts.figures import moment
from api.console.parts.forms import Field, form
from api.console.parts.notes import ask, card, told

Row = Mapping[str, Any]
Again = Callable[[], Awaitable[None]]
#: Until an interface has its new secret.
OVERLAP_HOURS = 24


def machines(desk: Desk, said: Row, again: Again) -> None:
    """A card with them; ``again`` shows the page anew."""
    manages = desk.may("clients.manage")
    with card(desk.say("接入凭证", "Credentials")):
        for one in said["clients"]:
            _machine(desk, one, again)
        if not said["clients"]:
            ui.label(desk.say("还没有凭证。", "There are none yet.")).classes("sj-strong")
        if manages:
            org = said["onboarding"]["org"]
            ui.button(desk.say("新增凭证", "Add credentials"), icon="add",
                      on_click=lambda: _add(desk, org, again)).props(
                "outline dense no-caps")  # fmt: skip
        else:
            ui.label(desk.say("新增、更换或撤销请联系所在地区的管理员。",
                              "The administrator of your region adds, replaces and takes them back.")).classes(
                "sj-muted")  # fmt: skip


def _machine(desk: Desk, one: Row, again: Again) -> None:
    used = moment(one["used_at"]) if one["used_at"] else desk.say("从未", "never")
    with ui.row().classes("sj-line"):
        with ui.column().classes("sj-line-text"):
            ui.label(one["label"]).classes("sj-strong")
            ui.label(one["client_id"]).classes("sj-mono")
            ui.label(desk.say(f"上次使用 {used}", f"last used {used}")).classes("sj-muted")
        ui.button(icon="content_copy", on_click=lambda: ui.clipboard.write(one["client_id"])).props(
            f'flat round dense aria-label="{desk.say("复制 appid", "Copy the id")}"'
        )
        if desk.may("clients.manage"):
            ui.button(icon="autorenew", on_click=lambda: _rotate(desk, one)).props(
                f'flat round dense aria-label="{desk.say("更换密钥", "New secret")}"'
            )
            ui.button(icon="delete", on_click=lambda: _revoke(desk, one, again)).props(
                f'flat round dense aria-label="{desk.say("撤销", "Take back")}"'
            )


def _add(desk: Desk, org: str, again: Again) -> None:
    fields = [
        Field("label", "名称", "Label", needed=True),
        Field("allow", "允许的地址（留空不限）", "Addresses allowed (empty: any)", hint="10.1.2.0/24"),
    ]

    async def save(filled: dict[str, Any]) -> None:
        made = await desk.post("/clients", {**filled, "role": "tester", "org": org})
        secret(desk, made)
        await again()

    form(
        desk, desk.say("新增接入凭证", "Add credentials"), fields, {"label": desk.say("HIS 接口测试", "HIS test")}, save
    )


def _rotate(desk: Desk, one: Row) -> None:
    async def save(filled: dict[str, Any]) -> None:
        hours = float(filled["overlap_hours"] or 0)
        secret(desk, await desk.post(f"/clients/{one['client_id']}/rotate", {"overlap_hours": hours}))

    fields = [Field("overlap_hours", "旧密钥继续有效（小时）", "Old secret works on (hours)", "number")]
    form(desk, desk.say("更换密钥", "A new secret"), fields, {"overlap_hours": OVERLAP_HOURS}, save)


def _revoke(desk: Desk, one: Row, again: Again) -> None:
    async def gone(_: str) -> None:
        await desk.delete(f"/clients/{one['client_id']}")
        told(desk, "已撤销", "Taken back")
        await again()

    text = desk.say(
        f"{one['label']} 的密钥和令牌立即失效，使用它的程序将无法上传。",
        f"Secrets and tokens of {one['label']} end at once; programs that use it cannot send any more.",
    )
    ask(desk, desk.say("撤销凭证", "Take back"), text, gone)
