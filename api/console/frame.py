"""What surrounds every page: head, menu, the person, and what is shown when the API refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import ui

from api.accounts.rights import ROLES
from api.console.desk import Desk, Refused
from api.console.parts.notes import problem

if TYPE_CHECKING:
    from api.console.routing import Page

STATIC = Path(__file__).parent / "static"

#: Groups of the menu in their order.
GROUPS: Mapping[str, tuple[str, str]] = {
    "watch": ("监测", "Watch"),
    "reports": ("指标", "Indicators"),
    "data": ("数据", "Data"),
    "front_pages": ("病案首页", "Front pages"),
    "join": ("接入与标准", "Joining, standard"),
    "admin": ("管理", "Administration"),
}


_NOT_YOURS = {
    "code": "forbidden", "message_zh": "您的角色不能查看此页", "message_en": "Your role may not see this page",
    "hint": "需要时请联系管理员 / ask an administrator if you need it",
}  # fmt: skip


async def show(
    desk: Desk, page: Page, build: Callable[..., Awaitable[None]] | None, given: Mapping[str, Any]
) -> None:  # fmt: skip
    """Build a page within the frame. ``build`` None: this person may not see it."""
    dress(f"{desk.say(page.zh, page.en)} · 三监 Sanjian")
    _header(desk, page, _menu(desk, page))
    with ui.element("main").classes("sj-main").props('id="main"'):
        if build is None:
            problem(desk, Refused(403, _NOT_YOURS))
            return
        try:
            await build(desk, **given)
        except Refused as refused:
            if refused.status == 401:
                ui.navigate.reload()
            else:
                ui.context.client.status_code = refused.status
                problem(desk, refused)


def dress(title: str) -> None:
    """Our style and script; no page loads anything from elsewhere."""
    ui.page_title(title)
    ui.colors(primary="#0b5c8a", secondary="#3c6e71", accent="#8C6BB1", positive="#009E73", negative="#D55E00",
              warning="#E69F00", info="#56B4E9")  # fmt: skip
    ui.add_head_html(
        f'<link rel="stylesheet" href="/assets/console.css?{_stamp("console.css")}">'
        f'<script src="/assets/console.js?{_stamp("console.js")}"></script>'
    )


def script(name: str) -> None:
    """A script that only this page needs."""
    ui.add_head_html(f'<script src="/assets/{name}?{_stamp(name)}"></script>')


@cache
def _stamp(name: str) -> str:
    """Changes with the file, so that a browser may keep it until then."""
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _header(desk: Desk, page: Page, menu: ui.left_drawer) -> None:
    with ui.header().classes("sj-header"):
        ui.html(
            f'<a class="sj-skip" href="#main">{desk.say("跳到内容", "Skip to content")}</a>', sanitize=False
        )  # fmt: skip
        ui.button(icon="menu", on_click=lambda: menu.run_method("toggle")).props(
            f'flat round dense color=white aria-label="{desk.say("菜单", "Menu")}"'
        ).classes("sj-burger")
        ui.html('<a class="sj-brand" href="/"><b>三监</b><span>Sanjian</span></a>', sanitize=False)
        ui.label(desk.say(page.zh, page.en)).classes("sj-where").props('role="heading" aria-level="1"')
        ui.space()
        ui.html('<span id="sj-live" class="sj-live" role="status"></span>', sanitize=False)
        ui.button(desk.say("English", "中文"), on_click=lambda: ui.run_javascript("sanjian.language()")).props(
            "flat dense no-caps color=white"
        )
        _person(desk)


def _person(desk: Desk) -> None:
    me = desk.me
    with ui.button(me.full_name or me.name, icon="account_circle").props("flat dense no-caps color=white"), ui.menu():
        with ui.column().classes("sj-person"):
            ui.label(me.name).classes("sj-strong")
            ui.label(desk.say(*ROLES[me.role]))  # type: ignore[index]
            if me.org or me.scope:
                ui.label(me.org or me.scope).classes("sj-muted")
        ui.separator()
        ui.menu_item(desk.say("修改密码", "Change password"), lambda: ui.navigate.to("/password"))
        ui.menu_item(desk.say("退出", "Log out"), lambda: ui.run_javascript("sanjian.logout()"))


def _menu(desk: Desk, page: Page) -> ui.left_drawer:
    """Beside the page; on a narrow screen closed until it is asked for."""
    from api.console.routing import PAGES  # the list is complete only when every page has been imported

    drawer = ui.left_drawer(value=False, bordered=True)
    with drawer.props("show-if-above width=196 breakpoint=1100").classes("sj-menu"):
        for group, names in GROUPS.items():
            pages = [one for one in PAGES.values() if one.group == group and desk.may(one.right)]
            if not pages:
                continue
            ui.label(desk.say(*names)).classes("sj-group")
            for one in pages:
                here = " sj-here" if one.path == page.path or page.path.startswith(f"{one.path}/") else ""
                current = ' aria-current="page"' if here else ""
                ui.html(
                    f'<a class="sj-item{here}" href="{one.path}"{current}>'
                    f'<i class="q-icon material-icons" aria-hidden="true">{one.icon}</i>{desk.say(one.zh, one.en)}</a>',
                    sanitize=False,
                )  # fmt: skip
    return drawer
