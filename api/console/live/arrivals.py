"""Tells pages about one institution that something of it has landed: asked once for all who look, however many.

A tick: 1 were the tables written to at all (costs the same however many rows there are) · 2 of which institutions that
somebody looks at did something land · 3 their pages are told; and told again for a while when sums and checks follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from anyio import to_thread
from fastapi import FastAPI
from nicegui import background_tasks

from api.services import Services
from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian.errors import NotNow

log = structlog.get_logger("api.console")

#: A log that is two seconds behind is live to who reads it.
TICK_SECONDS = 2.0
#: After a look and what pages do with it as many times its time without: a third of a core at most while much comes in.
REST = 2
#: Sums, facts and checks follow what landed within this.
FOLLOWS = timedelta(minutes=2)
#: What was stored is not always visible in the order of its times.
LOOK_BACK = timedelta(minutes=1)
_LANDED = "ledger"
_TABLES = (_LANDED, "ledger_days", "day_facts", "expected_days", "store_days", "code_maps")


@dataclass(eq=False, slots=True)
class Follower:
    """An open page about an institution; ``tell`` shows it anew."""

    org: str
    tell: Callable[[], Awaitable[None]]


class Arrivals:
    """``join`` when a page opens, ``leave`` when it closes. On the event loop only. ``now`` gives UTC."""

    def __init__(self, clickhouse: ClickHouse, now: Callable[[], datetime]) -> None:
        self._clickhouse = clickhouse
        self._now = now
        self._followers: dict[Follower, None] = {}
        self._marks: dict[str, int] | None = None
        self._newest: dict[str, datetime] = {}
        self._moved: dict[str, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    def join(self, follower: Follower) -> None:
        """Somebody looks."""
        self._followers[follower] = None
        if self._task is None or self._task.done():
            self._task = background_tasks.create(self._run(), name="arrivals")

    def leave(self, follower: Follower) -> None:
        """Somebody looks no more."""
        self._followers.pop(follower, None)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._followers:
            begun = loop.time()
            try:
                await self.tick()
            except NotNow as error:
                log.warning("arrivals_not_now", reason=str(error))
            except Exception:
                log.exception("bug_in_arrivals")
            await asyncio.sleep(max(TICK_SECONDS, REST * (loop.time() - begun)))
        self._marks = None  # who comes next begins anew

    async def tick(self) -> None:
        """Look once, and tell. Raises NotNow."""
        marks = {row["table"]: int(row["mark"]) for row in await self._rows("live_changed", tables=list(_TABLES))}
        before, self._marks = self._marks, marks
        if marks == before:
            return
        now = self._now()
        if before is None or marks.get(_LANDED) != before.get(_LANDED):
            await self._landed(now)
        if before is None:
            return  # pages have just been built
        for org in [org for org, at in self._moved.items() if now - at > FOLLOWS]:
            del self._moved[org]
        await asyncio.gather(*(one.tell() for one in list(self._followers) if one.org in self._moved))

    async def _landed(self, now: datetime) -> None:
        orgs = sorted({one.org for one in self._followers})
        for row in await self._rows("arrivals_newest", orgs=orgs, since=now - LOOK_BACK):
            if self._newest.get(row["org"]) != row["newest"]:
                self._newest[row["org"]] = row["newest"]
                self._moved[row["org"]] = now

    async def _rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        return await to_thread.run_sync(self._clickhouse.rows, load_query(query), parameters)


def arrivals_of(app: FastAPI) -> Arrivals:
    """The one of this application."""
    found: Arrivals | None = getattr(app.state, "arrivals", None)
    if found is None:
        parts: Services = app.state.services
        found = app.state.arrivals = Arrivals(parts.clickhouse, parts.now)
    return found
