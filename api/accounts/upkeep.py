"""Removes from time to time what has ended: sessions, tokens, secrets, counted failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from anyio import to_thread

from api.accounts.accounts import Accounts
from sanjian.errors import NotNow

log = structlog.get_logger("api.accounts")

EVERY_SECONDS = 3600.0


@asynccontextmanager
async def upkeep(accounts: Accounts) -> AsyncIterator[None]:
    """In the background while the context is open."""
    task = asyncio.create_task(_run(accounts), name="accounts upkeep")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _run(accounts: Accounts) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await to_thread.run_sync(accounts.purge)
        except NotNow as error:
            log.warning("accounts_not_purged", reason=str(error))
