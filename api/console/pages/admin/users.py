"""Users and registrations: who comes in, with which role, for which institutions."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.accounts.rights import ROLES
from api.console.desk import Desk
from api.console.pages.admin.listing import holds, whole
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.forms import Field, form
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.notes import act, ask, card, dialog, told
from api.console.parts.people import person
from api.console.routing import page

_COLUMNS = (
    Col("name", "用户名", "name"),
    Col("full_name", "姓名", "full name"),
    Col("role_shown", "角色", "role"),
    Col("place", "机构或地区", "institution or region"),
    Col("more", "另有", "besides"),
    Col("state", "状态", "state"),
    Col("login_at", "上次登录", "last login", "time"),
    Col("by", "建立人", "made by"),
)


@page("/admin/users", "用户", "Users", right="users.manage", group="admin", icon="group")
async def users(desk: Desk, text: str = "", role: str = "") -> None:
    """Users whom one may manage; registrations that wait stand above them."""
    names = await orgs.names(desk)
    waiting = ui.element("div").classes("sj-wide")
    bar = Bar(desk, "/admin/users", {"text": text, "role": role})
    bar.text("text", desk.say("用户名、姓名、机构", "name, institution"))
    bar.select("role", desk.say("角色", "Role"), {"": desk.say("全部", "all"), **_roles(desk)})

    async def rows() -> list[Row]:
        return [_shown(desk, one, names) for one in (await desk.get("/users"))["users"]]

    def keep(row: Row) -> bool:
        chosen = bar.values["role"]
        return holds(row, bar.values["text"], "name", "full_name", "place") and chosen in ("", row["role"])

    with card():
        grid: Grid = Grid(desk, _COLUMNS, whole(rows, keep), on_row=lambda row: _edit(desk, row, names, grid))
    with bar.row:
        ui.space()
        ui.button(
            desk.say("新增用户", "Add a user"), icon="person_add", on_click=lambda: _add(desk, names, grid)
        ).props("unelevated dense no-caps")

    async def refresh() -> None:
        if desk.may("registrations.decide"):
            waiting.clear()
            with waiting:
                await _registrations(desk, names, refresh)
        await grid.refresh()

    bar.on_change(refresh)
    await act(desk, refresh)()


def _roles(desk: Desk) -> dict[str, str]:
    return {role: desk.say(*words) for role, words in ROLES.items()}


def _shown(desk: Desk, one: Row, names: dict[str, str]) -> Row:
    besides = [
        desk.say("管理员", "administrator") if one["manages"] else "",
        desk.say("个人信息", "personal data") if one["personal"] else "",
    ]
    if not one.get("active", True):
        state = desk.say("已停用", "disabled")
    elif one.get("must_change"):
        state = desk.say("待改密码", "has to change password")
    else:
        state = desk.say("正常", "active")
    return one | {
        "role_shown": desk.say(*ROLES[one["role"]]),
        "place": names.get(one["org"], one["org"]) or one["scope"],
        "more": "、".join(filter(None, besides)) or "–",
        "state": state,
        "by": person(one["created_by"], desk.lang),
    }


def assignment_fields(desk: Desk, names: dict[str, str]) -> list[Field]:
    """What somebody is to be; personal data only by those who may give it."""
    fields = [
        Field("role", "角色", "Role", "choice", _roles(desk), needed=True),
        Field("org", "机构（医疗机构、测试人员）", "Institution (hospital, tester)", "choice", {"": "–", **names}),
        Field(
            "scope",
            "地区代码（监管、运维）",
            "Region's code (regulator, operator)",
            hint="370000 / 370100 / 370112 / 000000",
        ),
        Field("manages", "本机构或本地区的管理员", "administrator of that institution or region", "switch"),
    ]
    if desk.me.role == "admin":
        fields.append(Field("personal", "可查看个人信息", "may read personal data", "switch"))
    return fields


def assigned(filled: dict[str, Any]) -> dict[str, Any]:
    """As the API takes it: a choice that was not made is an empty text."""
    return {name: ("" if value is None else value) for name, value in filled.items()}


def _add(desk: Desk, names: dict[str, str], grid: Grid) -> None:
    fields = [
        Field("name", "用户名", "Name", needed=True),
        Field("full_name", "姓名", "Full name"),
        *assignment_fields(desk, names),
    ]

    async def save(filled: dict[str, Any]) -> None:
        made = await desk.post("/users", assigned(filled))
        one_time(desk, made["name"], made["password"])
        await grid.refresh()

    form(desk, desk.say("新增用户", "Add a user"), fields, {"role": "hospital"}, save)


async def _edit(desk: Desk, row: Row, names: dict[str, str], grid: Grid) -> None:
    name = row["name"]
    fields = [
        Field("full_name", "姓名", "Full name"),
        *assignment_fields(desk, names),
        Field("active", "启用", "active", "switch"),
    ]

    async def save(filled: dict[str, Any]) -> None:
        await desk.put(f"/users/{name}", assigned({"personal": row["personal"], **filled}))
        told(desk, "已保存", "Saved")
        await grid.again()

    async def reset(_: str) -> None:
        one_time(desk, name, (await desk.post(f"/users/{name}/reset-password"))["password"])

    async def unlock() -> None:
        await desk.post(f"/users/{name}/unlock")
        told(desk, "已解除锁定", "Unlocked")

    async def end() -> None:
        ended = (await desk.delete(f"/users/{name}/sessions"))["sessions"]
        told(desk, f"已结束 {ended} 个登录", f"{ended} sessions ended")

    def more(made: ui.dialog) -> None:
        del made
        with ui.button(desk.say("更多", "More"), icon="more_vert").props("flat no-caps"), ui.menu():
            ui.menu_item(
                desk.say("重置密码", "Reset the password"),
                lambda: ask(
                    desk,
                    desk.say("重置密码", "Reset the password"),
                    desk.say(
                        f"{name} 的所有登录立即失效，得到一个一次性密码。",
                        f"All sessions of {name} end; there will be a one-time password.",
                    ),
                    reset,
                ),
            )
            ui.menu_item(desk.say("解除锁定", "Unlock"), act(desk, unlock))
            ui.menu_item(desk.say("强制下线", "End all sessions"), act(desk, end))

    form(desk, name, fields, row, save, more)


def one_time(desk: Desk, name: str, password: str) -> None:
    """Show a password or secret, this once."""
    with dialog(desk, desk.say("只显示这一次", "Shown this once")) as made:
        ui.label(
            desk.say(
                f"{name} 的一次性密码，首次登录须修改：", f"One-time password of {name}; the first login changes it:"
            )
        )
        ui.label(password).classes("sj-mono sj-secret")
        ui.button(desk.say("复制", "Copy"), icon="content_copy", on_click=lambda: ui.clipboard.write(password)).props(
            "outline dense no-caps"
        )
    made.open()


async def _registrations(desk: Desk, names: dict[str, str], refresh: Any) -> None:
    found = (await desk.get("/registrations"))["registrations"]
    if not found:
        return
    with card(desk.say("待审批的账号申请", "Accounts asked for"), str(len(found))):
        for one in found:
            _registration(desk, one, names, refresh)


def _registration(desk: Desk, one: Row, names: dict[str, str], refresh: Any) -> None:
    shown = _shown(desk, one, names)
    with ui.row().classes("sj-line"):
        with ui.column().classes("sj-line-text"):
            ui.label(f"{one['full_name']}（{one['name']}） · {shown['role_shown']} · {shown['place'] or '–'}")
            ui.label(" · ".join(filter(None, (one["contact"], one["note"])))).classes("sj-muted")
            if one["name_taken"]:
                ui.label(desk.say("用户名已被使用，请另定", "The name is taken; choose another")).classes("sj-warn")

        async def approve(filled: dict[str, Any]) -> None:
            await desk.post(f"/registrations/{one['id']}/approve", assigned({"personal": False, **filled}))
            told(desk, "已批准", "Approved")
            await refresh()

        async def refuse(reason: str) -> None:
            await desk.post(f"/registrations/{one['id']}/refuse", {"reason": reason})
            await refresh()

        fields = [Field("name", "用户名", "Name", needed=True), *assignment_fields(desk, names)]
        ui.button(
            desk.say("批准…", "Approve…"),
            on_click=lambda: form(desk, desk.say("批准账号", "Approve the account"), fields, one, approve),
        ).props("unelevated dense no-caps")
        ui.button(
            desk.say("拒绝…", "Refuse…"),
            on_click=lambda: ask(
                desk, desk.say("拒绝申请", "Refuse"), "", refuse, note=desk.say("原因", "Reason"), needed=True
            ),
        ).props("flat dense no-caps")
