"""``@page(...)`` registers a page with its address, its name in both languages and the right that it needs.

The menu, the test that walks all pages, and the list of screenshots are made from PAGES; a page without a right cannot
be written.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from nicegui import ui
from starlette.responses import RedirectResponse

from api.accounts.rights import RIGHTS
from api.console import frame
from api.console.desk import Desk, Refused
from api.console.language import language
from api.console.parts.notes import failed

P = ParamSpec("P")
Build = Callable[Concatenate[Desk, P], Awaitable[None]]

#: Building a page asks the API a few questions; on a busy machine that takes longer than NiceGUI's three seconds.
BUILD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``group`` empty: not in the menu."""

    path: str
    zh: str
    en: str
    right: str
    group: str = ""
    icon: str = ""
    module: str = ""


PAGES: dict[str, Page] = {}


class LocalPage(ui.page):
    """A NiceGUI page in the language of its visitor."""

    def resolve_language(self) -> Any:
        """For Quasar's own texts and the ``lang`` of the document."""
        return "zh-CN" if language() == "zh" else "en-US"


class _Application:
    """The application whose pages these are: NiceGUI has one list of pages for a process, so there is one."""

    app: FastAPI


application = _Application()


def page(path: str, zh: str, en: str, *, right: str, group: str = "", icon: str = "") -> Callable[[Build[P]], Build[P]]:
    """Register ``async def build(desk, <parts of the path, query parameters>)``. Raises KeyError (a bug) for a right
    that there is not."""
    if right not in RIGHTS:
        raise KeyError(right)
    known = Page(path, zh, en, right, group, icon)

    def register(build: Build[P]) -> Build[P]:
        async def handler(request: Request, **given: Any) -> Response | None:
            try:
                desk = await Desk.open(application.app, request)
            except Refused as refused:
                if refused.status != 401:
                    raise
                return RedirectResponse(f"/login?next={quote(_here(request))}", 303)
            ui.context.client.on_delete(desk.close)
            ui.context.client.on_exception(partial(failed, desk))  # of what is not in ``act``: timers, changed filters
            if desk.me.must_change and path != "/password":
                return RedirectResponse("/password", 303)
            if not desk.may(right):
                ui.context.client.status_code = 403
            await frame.show(desk, known, build if desk.may(right) else None, given)
            return None

        PAGES[path] = replace(known, module=build.__module__)
        _register(path, handler, build)
        return build

    return register


def in_order(modules: Sequence[ModuleType]) -> None:
    """Put PAGES into the order of these modules (packages hold their pages in the order of their own)."""

    def place(known: Page) -> int:
        return next(at for at, one in enumerate(modules) if f"{known.module}.".startswith(f"{one.__name__}."))

    ordered = sorted(PAGES.values(), key=place)
    PAGES.clear()
    PAGES.update({known.path: known for known in ordered})


def _register(path: str, handler: Callable[..., Any], build: Callable[..., Any]) -> None:
    """With the parameters of ``build`` in place of its first one, so that FastAPI reads them from the address."""
    parameters = list(inspect.signature(build, eval_str=True).parameters.values())[1:]
    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    handler.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]
    handler.__annotations__ = {}
    LocalPage(path, title="三监 Sanjian", response_timeout=BUILD_SECONDS)(handler)


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
