"""Channels over which alerts leave, and what became of each delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.admin.listing import whole
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.notes import act, ask, card, dialog, empty, told
from api.console.routing import page
from api.console.words import SEVERITIES, Look

_KINDS = {
    "webhook": ("Webhook（签名）", "webhook (signed)"),
    "wecom": ("企业微信群机器人", "WeCom robot"),
    "dingtalk": ("钉钉群机器人", "DingTalk robot"),
    "email": ("电子邮件", "e-mail"),
}
_COLUMNS = (
    Col("name", "名称", "name"),
    Col("kind_shown", "类型", "kind"),
    Col("address", "地址", "address", wrap=True),
    Col("least_severity", "最低级别", "least severity", looks=SEVERITIES),
    Col("to", "机构", "institutions"),
    Col("state", "状态", "state"),
    Col("changed_by", "维护人", "changed by"),
)
_STATES: Mapping[str, Look] = {
    "pending": Look("待发送", "pending", "#56B4E9", "#1b1b1b", "…"),
    "leased": Look("发送中", "sending", "#56B4E9", "#1b1b1b", "→"),
    "delivered": Look("已送达", "delivered", "#009E73", "#ffffff", "✓"),
    "failed": Look("失败，将重试", "failed, tried again", "#E69F00", "#1b1b1b", "↻"),
    "dead": Look("已放弃", "given up", "#D55E00", "#ffffff", "✕"),
}
_SENT = (
    Col("changed_at", "时间", "at", "time"),
    Col("channel", "渠道", "channel"),
    Col("org", "机构", "institution"),
    Col("state", "状态", "state", looks=_STATES),
    Col("attempts", "次数", "attempts", "int"),
    Col("reason", "原因", "reason", wrap=True),
)


@page("/admin/channels", "告警渠道", "Channels", right="channels.read", group="admin", icon="campaign")
async def channels(desk: Desk, state: str = "", channel: str = "") -> None:
    """Channels with their tests; deliveries below, those given up can be sent again."""
    names = await orgs.names(desk)

    async def rows() -> list[Row]:
        return [
            one
            | {
                "kind_shown": desk.say(*_KINDS[one["kind"]]),
                "state": desk.say("启用", "on") if one["active"] else desk.say("停用", "off"),
                "to": desk.say("全部", "all")
                if not one["orgs"]
                else "、".join(names.get(org, org) for org in one["orgs"]),
                "address": one.get("target") or one.get("address", ""),
            }
            for one in (await desk.get("/channels"))["channels"]
        ]

    def nothing() -> None:
        empty(
            desk,
            "还没有渠道",
            "No channels yet",
            "告警现在只在网页和 websocket 上；新增企业微信、钉钉、邮件或 webhook。",
            "Alerts are on the pages and websockets only; add WeCom, DingTalk, e-mail or a webhook.",
            "campaign",
        )

    on_row = (lambda row: _edit(desk, row, names, grid)) if desk.may("channels.write") else None
    with card(desk.say("渠道", "Channels")):
        if desk.may("channels.write"):
            with ui.row().classes("sj-tools"):
                ui.button(
                    desk.say("新增渠道", "Add a channel"),
                    icon="add",
                    on_click=act(desk, lambda: _edit(desk, {}, names, grid)),
                ).props("unelevated dense no-caps")
        grid: Grid = Grid(desk, _COLUMNS, whole(rows, lambda _: True), nothing, on_row=on_row)
    await act(desk, grid.refresh)()
    if desk.may("outbox.read"):
        await _deliveries(desk, {"state": state, "channel": channel})


async def _edit(desk: Desk, row: Row, names: dict[str, str], grid: Grid) -> None:
    severities = {name: desk.say(look.zh, look.en) for name, look in SEVERITIES.items() if name != "error"}
    fields = [
        *([] if row else [Field("name", "名称", "Name", needed=True)]),
        Field(
            "kind", "类型", "Kind", "choice", {name: desk.say(*words) for name, words in _KINDS.items()}, needed=True
        ),
        Field("target", "网址，或以逗号分隔的邮箱（留空则不变）", "URL, or e-mail addresses (empty: as it is)"),
        Field("secret", "密钥（留空则不变）", "Secret (empty: as it is)"),
        Field("org", "机构", "Institution", "choice", {"": desk.say("全部", "all"), **names}),
        Field("least_severity", "最低级别", "Least severity", "choice", severities, needed=True),
        Field("digest", "每日摘要", "daily digest", "switch"),
        Field("active", "启用", "on", "switch"),
    ]

    async def save(filled: dict[str, Any]) -> None:
        name = filled.pop("name", row.get("name"))
        org = filled.pop("org")
        body = {key: value for key, value in filled.items() if value not in ("", None)}
        said = await desk.put(f"/channels/{name}", body | {"orgs": [org] if org else [], "kinds": row.get("kinds", [])})
        await grid.refresh()
        if said.get("secret"):
            with dialog(desk, desk.say("签名密钥只显示这一次", "The signing secret is shown this once")) as shown:
                ui.label(said["secret"]).classes("sj-mono sj-secret")
            shown.open()
        else:
            told(desk, "已保存", "Saved")

    def more(made: ui.dialog) -> None:
        async def test() -> None:
            said = await desk.post(f"/channels/{row['name']}/test")
            if said["delivered"]:
                told(desk, f"已送达（{said['took_ms']} 毫秒）", f"Delivered ({said['took_ms']} ms)")
            else:
                told(desk, f"未送达：{said['reason_zh']}", f"Not delivered: {said['reason_en']}", "warning")

        async def gone(_: str) -> None:
            await desk.delete(f"/channels/{row['name']}")
            made.close()
            await grid.refresh()

        ui.button(desk.say("发测试消息", "Send a test"), icon="send", on_click=act(desk, test)).props("flat no-caps")
        ui.button(
            desk.say("删除…", "Delete…"),
            on_click=lambda: ask(
                desk,
                desk.say("删除渠道", "Delete"),
                desk.say("还未送出的一并放弃。", "What still waits for it is given up."),
                gone,
            ),
        ).props("flat no-caps color=negative")

    start = (
        {"least_severity": "warning", "active": True}
        | row
        | {"target": "", "secret": "", "org": (row.get("orgs") or [""])[0]}
    )
    form(desk, row.get("name") or desk.say("新增渠道", "Add a channel"), fields, start, save, more if row else None)


async def _deliveries(desk: Desk, given: dict[str, str]) -> None:
    with card(
        desk.say("发送记录", "Deliveries"),
        desk.say("点按已放弃的可重新发送", "choose one that was given up to send it again"),
    ):
        bar = Bar(desk, "/admin/channels", given)
        bar.select(
            "state",
            desk.say("状态", "State"),
            {"": desk.say("全部", "all"), **{name: desk.say(look.zh, look.en) for name, look in _STATES.items()}},
        )
        bar.text("channel", desk.say("渠道", "Channel"))

        async def load(limit: int, offset: int) -> tuple[list[Row], int]:
            said = await desk.get("/outbox", limit=limit, offset=offset, **bar.query())
            return said["deliveries"], said["total"]

        async def again(row: Row) -> None:
            if row["state"] == "dead" and desk.may("outbox.retry"):
                await desk.post(f"/outbox/{row['id']}/retry")
                told(desk, "将重新发送", "It is sent again")
                await grid.again()

        def nothing() -> None:
            empty(
                desk,
                "没有发送记录",
                "No deliveries",
                "有告警发往渠道后出现在这里。",
                "They appear when alerts go to channels.",
                "outbox",
            )

        grid: Grid = Grid(desk, _SENT, load, nothing, on_row=again)
        bar.on_change(grid.refresh)
        await act(desk, grid.refresh)()
