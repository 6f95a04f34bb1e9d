"""Uvicorn as Sanjian uses it: our limits for heads, our websockets, our way to stop, as many connections as the system
allows."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from collections.abc import Iterator

import structlog
import uvicorn
from fastapi import FastAPI

from api.connection import Connection
from api.live.outlet import Outlet

log = structlog.get_logger(__name__)

#: Websocket clients get so long to say goodbye.
GRACE_SECONDS = 2
#: Websocket clients say who they are, nothing else.
WEBSOCKET_BYTES = 64 * 1024


class Server(uvicorn.Server):
    """Uvicorn with our settings. A signal only asks it to stop: its own handling raises the signal again when it has
    stopped, and nothing after it would be run."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> None:
        _allow_many_files()
        super().__init__(
            uvicorn.Config(
                app, host=host, port=port, http=Connection, ws=Outlet, ws_per_message_deflate=False,
                ws_max_size=WEBSOCKET_BYTES, log_config=None, access_log=False, lifespan="on",
                timeout_graceful_shutdown=GRACE_SECONDS,
                proxy_headers=False,  # whom to believe about addresses says SANJIAN_TRUSTED_PROXIES
            )
        )  # fmt: skip

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.should_exit = True


def _allow_many_files() -> None:
    """A connection is an open file, and a process may have 1,024 of them unless it asks for what it is granted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError) as error:  # some systems grant less than they say
            log.warning("open_files_limited", limit=soft, error=type(error).__name__)
