"""Machines: credentials of HIS interfaces and other programs."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.accounts.rights import ROLES
from api.console.desk import Desk
from api.console.pages.admin.listing import holds, whole
from api.console.pages.admin.users import assigned, assignment_fields
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.notes import act, ask, card, dialog, empty, told
from api.console.routing import page

_COLUMNS = (
    Col("label", "名称", "label"),
    Col("client_id", "appid", "client id"),
    Col("role_shown", "角色", "role"),
    Col("place", "机构或地区", "institution or region"),
    Col("allow", "允许的地址", "addresses"),
    Col("used_at", "上次使用", "last used", "time"),
    Col("created_by", "建立人", "made by"),
)
_LABEL = Field("label", "名称", "Label", needed=True)
_ALLOW = Field("allow", "允许的地址（留空不限）", "Addresses allowed (empty: any)", hint="10.1.2.0/24, 10.1.3.7")


@page("/admin/clients", "接入凭证", "Machines", right="clients.manage", group="admin", icon="vpn_key")
async def clients(desk: Desk, text: str = "") -> None:
    """Machines' credentials: made, changed, their secrets replaced or taken back."""
    names = await orgs.names(desk)
    bar = Bar(desk, "/admin/clients", {"text": text})
    bar.text("text", desk.say("名称、机构、appid", "label, institution, id"))

    async def rows() -> list[Row]:
        return [
            one
            | {
                "role_shown": desk.say(*ROLES[one["role"]]),
                "allow": one["allow"] or desk.say("不限", "any"),
                "place": names.get(one["org"], one["org"]) or one["scope"],
            }
            for one in (await desk.get("/clients"))["clients"]
        ]

    def nothing() -> None:
        empty(
            desk,
            "还没有接入凭证",
            "No machines yet",
            "为每个 HIS 接口新增一个凭证，密钥只显示一次。",
            "Add one for each HIS interface; its secret is shown once.",
            "vpn_key",
        )

    with card():
        grid: Grid = Grid(
            desk,
            _COLUMNS,
            whole(rows, lambda row: holds(row, bar.values["text"], "label", "place", "client_id")),
            nothing,
            on_row=lambda row: _edit(desk, row, grid),
        )

    def add() -> None:
        async def save(filled: dict[str, Any]) -> None:
            secret(desk, await desk.post("/clients", assigned(filled)))
            await grid.refresh()

        fields = [_LABEL, *assignment_fields(desk, names), _ALLOW]
        form(desk, desk.say("新增接入凭证", "Add a machine"), fields, {"role": "hospital", "org": desk.me.org}, save)

    with bar.row:
        ui.space()
        ui.button(desk.say("新增凭证", "Add a machine"), icon="add", on_click=add).props("unelevated dense no-caps")
    bar.on_change(grid.refresh)
    await act(desk, grid.refresh)()


async def _edit(desk: Desk, row: Row, grid: Grid) -> None:
    address = f"/clients/{row['client_id']}"

    async def save(filled: dict[str, Any]) -> None:
        await desk.put(address, filled)
        told(desk, "已保存", "Saved")
        await grid.again()

    async def rotate(filled: dict[str, Any]) -> None:
        secret(desk, await desk.post(f"{address}/rotate", {"overlap_hours": float(filled["overlap_hours"] or 0)}))

    async def revoke(_: str) -> None:
        await desk.delete(address)
        told(desk, "已撤销", "Taken back")
        await grid.refresh()

    def more(made: ui.dialog) -> None:
        ui.button(
            desk.say("更换密钥…", "New secret…"),
            on_click=lambda: form(
                desk,
                desk.say("更换密钥", "A new secret"),
                [Field("overlap_hours", "旧密钥继续有效（小时）", "Old secret works on (hours)", "number")],
                {"overlap_hours": 24},
                rotate,
            ),
        ).props("flat no-caps")

        async def gone(note: str) -> None:
            await revoke(note)
            made.close()

        ui.button(
            desk.say("撤销…", "Take back…"),
            on_click=lambda: ask(
                desk,
                desk.say("撤销凭证", "Take back"),
                desk.say(
                    f"{row['label']} 的密钥和令牌立即失效，对应的接口将无法上传。",
                    f"Secrets and tokens of {row['label']} end at once.",
                ),
                gone,
            ),
        ).props("flat no-caps color=negative")

    form(
        desk,
        row["label"],
        [_LABEL, _ALLOW],
        row | {"allow": row["allow"] if "." in row["allow"] or ":" in row["allow"] else ""},
        save,
        more,
    )


def secret(desk: Desk, made: Row) -> None:
    """Show a machine's secret, this once."""
    with dialog(desk, desk.say("密钥只显示这一次", "The secret is shown this once")) as shown:
        for name, value in (("client_id (appid)", made["client_id"]), ("client_secret", made["client_secret"])):
            ui.label(name).classes("sj-muted")
            with ui.row().classes("sj-line"):
                ui.label(value).classes("sj-mono sj-secret")
                ui.button(icon="content_copy", on_click=lambda value=value: ui.clipboard.write(value)).props(
                    f'flat dense aria-label="{desk.say("复制", "Copy")}"'
                )
        ui.label(
            desk.say(
                "请立即存入 HIS 接口的配置；丢失后只能更换。",
                "Put it into the interface's configuration now; a lost one can only be replaced.",
            )
        ).classes("sj-muted")
    shown.open()
