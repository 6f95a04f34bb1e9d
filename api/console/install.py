"""Puts the console onto an application: pages at every address that the API does not have."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from nicegui import core, ui
from starlette.responses import FileResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.console import routing
from api.console.language import LanguageFromCookie
from api.console.pages import EVERY
from api.depends import PUBLIC
from sanjian.settings import Settings

STATIC = Path(__file__).parent / "static"

#: A browser that lost its connection finds its page as it was for so long; then the page is loaded anew.
RECONNECT_SECONDS = 20.0
#: Messages kept for such a browser. Live frames come every second, so a thousand (the default) would be megabytes.
KEPT_MESSAGES = 60
#: Everything below these addresses is the API's, also what is not there.
_API = ("/api/", "/docs", "/openapi.json", "/health", "/metrics", "/static/", "/assets/")
#: NiceGUI's pages begin with a script and templates of their own; nothing comes from elsewhere.
_POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    b"form-action 'self'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False, dependencies=[PUBLIC])


@router.get("/login")
async def login_page() -> FileResponse:
    """Log in, or ask for an account. A plain page: a password is never in the state of a NiceGUI page."""
    return FileResponse(STATIC / "login.html", headers={"Cache-Control": "no-cache"})


@router.get("/register")
async def register_page() -> FileResponse:
    """Ask for an account."""
    return FileResponse(STATIC / "register.html", headers={"Cache-Control": "no-cache"})


@router.get("/password")
async def password_page() -> FileResponse:
    """Change one's own password; the first login leads here."""
    return FileResponse(STATIC / "password.html", headers={"Cache-Control": "no-cache"})


def install(app: FastAPI, settings: Settings) -> None:
    """Serve the console on ``app`` (made by ``api.app.create_app``). One console a process: NiceGUI keeps its pages and
    open sessions for the whole process."""
    routing.in_order(EVERY)
    routing.application.app = app
    app.include_router(router)
    app.mount("/assets", StaticFiles(directory=STATIC), name="assets")
    ui.run_with(
        app, title="三监 Sanjian", language="zh-CN", favicon=STATIC / "icon.svg", tailwind=False,
        binding_refresh_interval=None, reconnect_timeout=RECONNECT_SECONDS, message_history_length=KEPT_MESSAGES,
        show_welcome_message=False,
    )  # fmt: skip
    mount = app.router.routes.pop()  # a mount at / would also answer what the API refuses by method
    assert isinstance(mount, Mount)
    app.router.default = _Rest(app.router.default, LanguageFromCookie(core.app))
    origin = urlsplit(settings.public_url)
    core.sio.eio.cors_allowed_origins = [f"{origin.scheme}://{origin.netloc}"] if settings.tls else None


class _Rest:
    """What no route of the API took: its own "not found" below its addresses, the console everywhere else."""

    def __init__(self, not_found: ASGIApp, console: ASGIApp) -> None:
        self._not_found = not_found
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(_API):
            await self._not_found(scope, receive, send)
            return

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"content-security-policy", _POLICY)]
            await send(message)

        await self._console(scope, receive, with_policy)
