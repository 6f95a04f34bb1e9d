"""The desk of one person at one open page: who it is, in which language, and the API as this person.

Calls stay in the process (httpx's ASGI transport) but go through everything that a call from outside goes through:
session, rights, narrowing, limits, audit. A page therefore cannot show or do more than the API allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI, Request

from api.console.language import Lang, language

#: The largest pages of the API (exports are fetched by the browser itself) take a few seconds on a busy machine.
TIMEOUT_SECONDS = 60.0
#: What the API needs of the browser's request to know who calls and from where.
_PASSED_ON = ("cookie", "host", "x-forwarded-for", "user-agent")


class Refused(Exception):
    """The API said no. ``zh`` and ``en`` say what happened, ``hint`` what to do; ``code`` is the API's own."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(error.get("code", str(status)))
        self.status = status
        self.code: str = error.get("code", "internal")
        self.zh: str = error.get("message_zh", "服务没有按约定回答")
        self.en: str = error.get("message_en", "The service did not answer as agreed")
        self.hint: str = error.get("hint", "")
        self.more = {
            name: value for name, value in error.items() if name not in ("code", "message_zh", "message_en", "hint")
        }


@dataclass(frozen=True, slots=True)
class Me:
    """Who looks at the page (GET /api/v1/me)."""

    name: str
    full_name: str
    role: str
    org: str
    scope: str
    manages: bool
    personal: bool
    must_change: bool
    rights: frozenset[str]
    csrf_token: str


class Desk:
    """``desk = await Desk.open(app, request)``; then ``await desk.get("/cases", state="open")``."""

    def __init__(self, app: FastAPI, request: Request) -> None:
        self.lang: Lang = language()
        self._headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        peer = (request.client.host, request.client.port) if request.client else ("127.0.0.1", 0)
        transport = httpx.ASGITransport(app=app, client=peer, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(
            transport=transport, base_url=str(request.base_url), timeout=TIMEOUT_SECONDS, cookies=None
        )
        self._me: Me | None = None

    @classmethod
    async def open(cls, app: FastAPI, request: Request) -> Desk:
        """The desk of whoever sent this request. Raises Refused (401) when nobody is logged in."""
        desk = cls(app, request)
        said = await desk.get("/me")
        said["rights"] = frozenset(said["rights"])
        desk._me = Me(**{name: said[name] for name in Me.__slots__})
        desk._headers["x-csrf-token"] = desk._me.csrf_token
        return desk

    @property
    def me(self) -> Me:
        """Who looks at the page."""
        assert self._me is not None
        return self._me

    @property
    def address(self) -> str:
        """Where people reach this service, as their browser says it."""
        return str(self._client.base_url).rstrip("/")

    def may(self, right: str) -> bool:
        """Whether to offer something; the API decides again when it is done."""
        return right in self.me.rights

    def say(self, zh: str, en: str) -> str:
        """The text of this page's language."""
        return zh if self.lang == "zh" else en

    def told(self, row: Mapping[str, Any], name: str) -> str:
        """The field ``name`` in this page's language, from ``name_zh`` and ``name_en``."""
        return str(row.get(f"{name}_{self.lang}") or row.get(f"{name}_zh") or "")

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """GET /api/v1``path``; parameters that are None or empty are left out. Raises Refused."""
        return await self._call("GET", path, query)

    async def post(self, path: str, body: object = None, **query: object) -> dict[str, Any]:
        """POST a JSON body. Raises Refused."""
        return await self._call("POST", path, query, json=body)

    async def put(self, path: str, body: object = None, **query: object) -> dict[str, Any]:
        """PUT a JSON body. Raises Refused."""
        return await self._call("PUT", path, query, json=body)

    async def delete(self, path: str, **query: object) -> dict[str, Any]:
        """DELETE. Raises Refused."""
        return await self._call("DELETE", path, query)

    async def send_file(self, path: str, content: bytes, kind: str, **query: object) -> dict[str, Any]:
        """POST a file's bytes with their content type, as the imports of the API take them. Raises Refused."""
        return await self._call("POST", path, query, content=content, headers={"content-type": kind})

    async def _call(self, method: str, path: str, query: Mapping[str, object], **more: Any) -> dict[str, Any]:
        headers = self._headers | more.pop("headers", {})
        params = {_plain(name): _text(value) for name, value in query.items() if value not in (None, "")}
        answer = await self._client.request(method, f"/api/v1{path}", params=params, headers=headers, **more)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            said = answer.json()
        except ValueError:
            said = {}
        if answer.is_error:
            raise Refused(answer.status_code, said.get("error", {}) if isinstance(said, dict) else {})
        return said if isinstance(said, dict) else {"rows": said}

    async def close(self) -> None:
        """Nobody looks at the page any more."""
        await self._client.aclose()


def _plain(name: str) -> str:
    return name.rstrip("_")  # from_ and type_ are no names in Python


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
