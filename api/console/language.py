"""The language of a page: Chinese unless the browser's cookie says English."""

from __future__ import annotations

from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

Lang = Literal["zh", "en"]

#: Set by the page's language switch; says nothing about the person.
COOKIE = "sanjian_lang"

_language: ContextVar[Lang] = ContextVar("language", default="zh")


def language() -> Lang:
    """The language of the request that is being served."""
    return _language.get()


class LanguageFromCookie:
    """Pure ASGI: makes :func:`language` answer for everything that is built while a request is served."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            _language.set(_wanted(scope))
        await self._app(scope, receive, send)


def _wanted(scope: Scope) -> Lang:
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                continue
            if morsel is not None and morsel.value == "en":
                return "en"
    return "zh"
