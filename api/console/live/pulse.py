"""The monitor's heart: works as long as somebody looks, once for all who do, and pushes what has changed.

A tick: 1 ask ClickHouse for what changed (in a thread) · 2 make the picture of each circle that is looked at, once ·
3 what differs from the last one goes to everybody who looks at it, as the same text. While ClickHouse is away the last
pictures stay and say so. On each heartbeat those whose session has ended are sent to the login.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson
import structlog
from anyio import to_thread
from fastapi import FastAPI
from nicegui import background_tasks

from api.accounts.principal import Principal
from api.accounts.standing import standing
from api.console.live.board import Board, Ingest
from api.console.live.circle import Circle, Wish, circle
from api.console.live.picture import Picture, difference, picture
from api.console.live.reading import Reading
from api.services import Services
from api.wire import SHANGHAI
from sanjian.errors import NotNow

log = structlog.get_logger("api.console")

#: News is shown within a second: a third of it may pass until we look, the rest is for landing, looking and telling.
TICK_SECONDS = 0.35
#: After a slow look so much of its time without one: on a busy machine the next news are late enough already.
REST = 0.5
#: Something is said at least so often; the page says how old it is when nothing comes.
QUIET_SECONDS = 4.0
#: The platform's own lag is asked of the broker.
INGEST_SECONDS = 2.0
#: Until a session that has ended loses its page.
HEARTBEAT_SECONDS = 10.0


@dataclass(eq=False, slots=True)
class Viewer:
    """An open monitor. ``push`` takes JavaScript; ``leave`` sends the page to the login."""

    who: Principal
    wish: Wish
    push: Callable[[str], object]
    leave: Callable[[], object]
    circle: Circle | None = None


@dataclass(slots=True)
class _Shown:
    """The picture of a circle as everybody has it who looks at it, and when something was said last."""

    picture: Picture
    viewers: list[Viewer] = field(default_factory=list)
    said_at: float = 0.0


class Pulse:
    """``pulse.join(viewer)`` when a page opens, ``pulse.leave(viewer)`` when it closes. On the event loop only."""

    def __init__(self, parts: Services, reading: Reading) -> None:
        self._parts = parts
        self._reading = reading
        self._viewers: dict[Viewer, None] = {}
        self._shown: dict[Circle, _Shown] = {}
        self._board: Board | None = None
        self._ingest = Ingest()
        self._ingest_at = self._beat_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def join(self, viewer: Viewer) -> None:
        """Somebody looks; what is known is shown at once."""
        self._viewers[viewer] = None
        self._place(viewer)
        if self._task is None or self._task.done():
            self._task = background_tasks.create(self._run(), name="live monitor")

    def choose(self, viewer: Viewer, wish: Wish) -> None:
        """Somebody chooses other filters."""
        viewer.wish = wish
        self._place(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Somebody looks no more."""
        self._viewers.pop(viewer, None)
        viewer.circle = None

    def __len__(self) -> int:
        return len(self._viewers)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._viewers:
            begun = loop.time()
            try:
                await self._tick(begun)
            except Exception:
                log.exception("bug_in_live_monitor")
            took = loop.time() - begun
            await asyncio.sleep(max(TICK_SECONDS - took, REST * took))
        self._board, self._shown = None, {}  # nobody looks: nothing old is shown to who comes next

    async def _tick(self, at: float) -> None:
        if at - self._beat_at >= HEARTBEAT_SECONDS:
            self._beat_at = at
            await self._beat()
        if at - self._ingest_at >= INGEST_SECONDS:
            self._ingest_at = at
            self._ingest = await self._ask_ingest()
        months = {viewer.circle.month for viewer in self._viewers if viewer.circle is not None}
        try:
            self._board = await to_thread.run_sync(self._reading.look, months, self._ingest)
        except NotNow as error:
            log.warning("live_monitor_not_now", reason=str(error))
            if self._board is None:
                return
            self._board = replace(self._board, ingest=replace(self._ingest, clickhouse=False))
        for viewer in list(self._viewers):  # institutions, and what may be seen of them, may have changed
            if self._circle(viewer) != viewer.circle:
                self._place(viewer)
        self._show(self._board, at)

    def _show(self, board: Board, at: float) -> None:
        shown: dict[Circle, _Shown] = {}
        for viewer in self._viewers:
            if viewer.circle is not None:
                one = shown.get(viewer.circle)
                if one is None:
                    one = shown[viewer.circle] = self._shown[viewer.circle]
                    one.viewers = []
                one.viewers.append(viewer)
        self._shown = shown
        for around, one in shown.items():
            after = picture(board, around)
            news = difference(one.picture, after)
            one.picture = after
            if news or at - one.said_at >= QUIET_SECONDS:
                one.said_at = at
                script = told(board.at, news)
                for viewer in one.viewers:
                    viewer.push(script)

    def _circle(self, viewer: Viewer) -> Circle | None:
        if self._board is None:
            return None
        month = f"{self._board.at.astimezone(SHANGHAI):%Y-%m}"
        return circle(self._board.orgs, viewer.who, viewer.wish, month)

    def _place(self, viewer: Viewer) -> None:
        """Show the viewer its circle as it was shown last to those who look at the same."""
        viewer.circle = self._circle(viewer)
        if viewer.circle is None or self._board is None:
            return  # the first tick does it
        if viewer.circle not in self._shown:
            self._shown[viewer.circle] = _Shown(picture(self._board, viewer.circle))
        viewer.push(told(self._board.at, difference(None, self._shown[viewer.circle].picture)))

    async def _ask_ingest(self) -> Ingest:
        now = await self._parts.snapshot.progress()
        return Ingest(now.lag, now.broker_answers, now.clickhouse_answers)

    async def _beat(self) -> None:
        everybody = list(self._viewers)
        accounts, directory = self._parts.accounts, self._parts.directory
        try:
            now = await to_thread.run_sync(standing, accounts, directory, [one.who for one in everybody])
        except NotNow as error:
            log.warning("live_monitor_not_now", reason=str(error))
            return
        for viewer in everybody:
            if not now.holds(viewer.who):
                self.leave(viewer)
                viewer.leave()
            elif not now.sees_the_same(viewer.who):
                viewer.who = replace(viewer.who, orgs=now.visible[viewer.who.assignment])


def told(at: datetime, news: Picture) -> str:
    """The call of the page's script (static/live.js)."""
    said = orjson.dumps({"at": int(at.timestamp() * 1000), **news}, default=tuple).decode()
    return f"sanjianLive.take({said})"


def pulse_of(app: FastAPI) -> Pulse:
    """The one pulse of this application."""
    found: Pulse | None = getattr(app.state, "pulse", None)
    if found is None:
        parts: Services = app.state.services
        found = app.state.pulse = Pulse(parts, Reading(parts.clickhouse, parts.orgs, parts.now))
    return found
