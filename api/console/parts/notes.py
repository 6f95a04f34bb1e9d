"""What a page says beside its figures: nothing there yet, something went wrong, are you sure, done."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Literal

import structlog
from nicegui import ui

from api.console.desk import Desk, Refused
from sanjian.logs import trace

log = structlog.get_logger("api.console")

#: The longest note that the API takes everywhere (``streams.cases.people``).
NOTE_CHARACTERS = 500


def empty(desk: Desk, zh: str, en: str, todo_zh: str = "", todo_en: str = "", icon: str = "inbox") -> None:
    """Instead of an empty table: what is not there, and what to do."""
    with ui.column().classes("sj-empty").props('role="status"'):
        ui.icon(icon).classes("sj-empty-icon").props('aria-hidden="true"')
        ui.label(desk.say(zh, en)).classes("sj-strong")
        if todo_zh:
            ui.label(desk.say(todo_zh, todo_en)).classes("sj-muted")


def problem(desk: Desk, refused: Refused) -> None:
    """What the API refused, in place of what was asked for."""
    with ui.column().classes("sj-problem").props('role="alert"'):
        ui.label(desk.say(refused.zh, refused.en)).classes("sj-strong")
        if refused.hint:
            ui.label(refused.hint)
        ui.label(f"{refused.status} · {refused.code}").classes("sj-muted")


def told(
    desk: Desk, zh: str, en: str, kind: Literal["positive", "warning", "info"] = "positive"
) -> None:  # fmt: skip
    """A short message in the corner: something was done."""
    ui.notify(desk.say(zh, en), type=kind, position="top", close_button=desk.say("关闭", "Close"))


def act(desk: Desk, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
    """A handler for buttons: does ``work`` and shows what the API refused; a bug is logged and said to be one."""

    @wraps(work)  # NiceGUI looks at what a handler takes to know whether it wants the event
    async def handler(*given: Any) -> None:
        try:
            await work(*given)
        except Exception as error:
            failed(desk, error)

    return handler


def failed(desk: Desk, error: Exception) -> None:
    """Say in the corner what the API refused; a bug is logged and said to be one."""
    if not isinstance(error, Refused):
        log.error("bug_in_console", trace=trace(error))
        zh, en = "出现内部错误，已记录；请联系运维人员。", "An internal error was logged; tell operations."
        lines = [desk.say(zh, en)]
    elif error.status == 401:
        ui.navigate.reload()  # the page leads to the login and back
        return
    else:
        problems = error.more.get("fields") or []
        lines = [desk.say(error.zh, error.en), error.hint, *(str(one.get("message", "")) for one in problems)]
    ui.notify(
        "\n".join(line for line in lines if line), type="negative", position="top", multi_line=True, timeout=0,
        close_button=desk.say("关闭", "Close"), classes="sj-lines",
    )  # fmt: skip


@contextmanager
def card(title: str = "", more: str = "") -> Iterator[ui.element]:
    """A titled part of a page; ``more`` is a quieter second line."""
    with ui.element("section").classes("sj-card") as made:
        if title:
            note = f"<small>{html.escape(more)}</small>" if more else ""
            ui.html(f"<h2>{html.escape(title)}{note}</h2>", sanitize=False).classes("sj-title")
        yield made


@contextmanager
def dialog(desk: Desk, title: str) -> Iterator[ui.dialog]:
    """A dialog with a title and a way out; it is removed when it is closed. Open it with ``.open()``.

    It belongs to the page, not to what opened it: that may be shown anew, or be a dialog that closes."""
    with ui.context.client.content, ui.dialog() as made, ui.card().classes("sj-dialog"):
        with ui.row().classes("sj-dialog-head"):
            ui.label(title).classes("sj-strong")
            ui.space()
            ui.button(icon="close", on_click=made.close).props(
                f'flat round dense aria-label="{desk.say("关闭", "Close")}"'
            )
        made.on("hide", made.delete)
        yield made


def ask(
    desk: Desk, title: str, text: str, work: Callable[[str], Awaitable[Any]], *, note: str = "", needed: bool = False,
    yes: str = "",
) -> None:  # fmt: skip
    """Ask before something is done. ``note``: label of a text that goes with it (and to ``work``), ``needed``: not
    without it; ``yes``: the word on the button."""
    with dialog(desk, title) as made:
        if text:
            ui.label(text).classes("sj-text")
        field = None
        if note:
            field = ui.textarea(note).props(f"outlined autogrow maxlength={NOTE_CHARACTERS} counter").classes("sj-wide")

        async def done() -> None:
            said = (field.value or "").strip() if field is not None else ""
            if needed and not said:
                told(desk, "请填写说明", "Please say why", "warning")
                return
            await work(said)
            made.close()

        with ui.row().classes("sj-dialog-foot"):
            ui.button(desk.say("取消", "Cancel"), on_click=made.close).props("flat no-caps")
            ui.button(yes or desk.say("确定", "OK"), on_click=act(desk, done)).props("unelevated no-caps")
    made.open()
