"""Around every request: an id, one log line without bodies, query or personal values, metrics and security headers."""

from __future__ import annotations

import asyncio
import re
import secrets
import time

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.body import BODY_SECONDS
from api.errors import ApiError
from sanjian import metrics
from sanjian.logs import trace

log = structlog.get_logger("api.request")

_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
#: Asked every few seconds by machines; their lines would hide the others.
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)


class RequestLog:
    """Pure ASGI, so that a stream is not held up and an exception keeps its trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a bug is logged with its trace and answered with 500 in the one shape."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, begun, status = _request_id(scope), time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = {name for name, _ in message.get("headers", [])}  # the console has a policy of its own
                own = [(b"x-request-id", request_id.encode()), *(one for one in _SECURITY if one[0] not in said)]
                if scope["path"].startswith("/api/"):
                    own.append((b"cache-control", b"no-store"))
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:
                log.error("bug_while_answering", method=scope["method"], route=_route(scope), trace=trace(error))
                if status == 0:
                    await ApiError("internal").response()(scope, receive, answer)
            finally:
                _account(scope, status, time.perf_counter() - begun)


class BodyLimit:
    """No endpoint reads more than ``limit`` bytes of a body or waits for it for ever, not even before it knows who
    calls."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by Content-Length, and count what comes without one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._limit:
            await ApiError("too_large", limit=self._limit).response()(scope, receive, send)
            return
        read, whole, until = 0, False, asyncio.get_running_loop().time() + BODY_SECONDS

        async def counted() -> Message:
            nonlocal read, whole
            if whole:  # what is waited for now is that the client goes away
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            whole = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > self._limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def _route(scope: Scope) -> str:
    """The route's pattern: no path parameter gets into logs or metrics."""
    return str(getattr(scope.get("route"), "path", "other"))


def _account(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    metrics.API_REQUESTS.labels(route, scope["method"], str(status)).inc()
    metrics.API_SECONDS.labels(route).observe(seconds)
    if scope["path"] not in _QUIET:
        log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000))
