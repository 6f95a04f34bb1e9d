"""The audit log: who did what, when, from where. It is only added to.

An entry is kept in the accounts database first, in the same transaction as what it tells (or before what it tells,
where that happens elsewhere), and then taken to ClickHouse. While ClickHouse is away entries wait, and nothing is done
unlogged; while the accounts database is away nothing is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from anyio import to_thread
from starlette.requests import HTTPConnection

from api.accounts.addresses import Network, address_of
from api.accounts.audit import By
from api.accounts.outbox import Outbox
from api.accounts.principal import Principal
from clickhouse.client import ClickHouse
from sanjian.errors import NotNow

log = structlog.get_logger("api.audit_log")

#: What another process or the command line has left, and what could not be sent, is sent after so long.
SEND_SECONDS = 5.0


class AuditLog:
    """Keeps entries and takes them to the table audit_log. ``proxies``: see ``api.accounts.addresses``."""

    def __init__(self, outbox: Outbox, clickhouse: ClickHouse, proxies: Sequence[Network] = ()) -> None:
        self._outbox = outbox
        self._clickhouse = clickhouse
        self._proxies = proxies
        self._sending = asyncio.Lock()

    async def write(
        self, who: Principal, request: HTTPConnection, action: str, target: str, /, **detail: object
    ) -> None:
        """One entry; ``detail`` holds counts and codes, no personal values. Raises NotNow when it could not be kept."""
        by = By.of(who, address_of(request, self._proxies))
        await to_thread.run_sync(lambda: self._outbox.put(by, action, target, **detail))
        await self.send()

    async def send(self) -> None:
        """Take what waits to ClickHouse; while it is away the entries stay. Several callers share one insert."""
        async with self._sending:
            try:
                await to_thread.run_sync(self._outbox.send, self._clickhouse)
            except NotNow as error:
                log.warning("audit_entries_wait", reason=str(error))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send from time to time, and once more at the end."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.send()

    async def _run(self) -> None:
        while True:
            await self.send()
            await asyncio.sleep(SEND_SECONDS)
