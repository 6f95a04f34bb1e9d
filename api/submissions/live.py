"""Progress for those who look on: however many look at a submission, it is asked about once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import orjson
import structlog
from anyio import to_thread

from api.submissions.desk import Desk
from api.submissions.view import answer
from sanjian.errors import NotNow

log = structlog.get_logger("api.submissions")

#: Between two looks; a page that counts twice a second looks alive.
LOOK_SECONDS = 0.5


@dataclass(slots=True)
class _Shown:
    """What those who look at one submission were shown last."""

    frame: bytes = b""
    number: int = 0
    ended: bool = False
    viewers: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    task: asyncio.Task[None] | None = None


class Watched:
    """The submissions that somebody looks at."""

    def __init__(self, desk: Desk, piece_bytes: int) -> None:
        self._desk = desk
        self._piece_bytes = piece_bytes
        self._shown: dict[str, _Shown] = {}

    async def follow(self, ident: str) -> AsyncIterator[bytes]:
        """A frame now, and another one at every change, until the submission has ended. Raises NotNow."""
        shown = self._shown.setdefault(ident, _Shown())
        shown.viewers += 1
        if shown.task is None:
            shown.task = asyncio.create_task(self._look(ident, shown))
        seen = 0
        try:
            while True:
                async with shown.changed:
                    await shown.changed.wait_for(_newer(shown, seen))
                    frame, seen, ended = shown.frame, shown.number, shown.ended
                yield frame
                if ended:
                    return
        finally:
            shown.viewers -= 1
            if not shown.viewers:
                shown.task.cancel()
                self._shown.pop(ident, None)

    async def _look(self, ident: str, shown: _Shown) -> None:
        while not shown.ended:
            try:
                frame, ended = await to_thread.run_sync(self._frame, ident)
            except NotNow as error:
                log.warning("progress_waits", submission=ident, reason=str(error))
            else:
                if frame != shown.frame:
                    async with shown.changed:
                        shown.frame, shown.ended, shown.number = frame, ended, shown.number + 1
                        shown.changed.notify_all()
            await asyncio.sleep(LOOK_SECONDS)

    def _frame(self, ident: str) -> tuple[bytes, bool]:
        store = self._desk.tools.store
        [(one, current)], _ = store.page(store.everybody, ident=ident)
        found = answer(one, current, self._desk.progress(one), self._piece_bytes)
        return orjson.dumps(found.model_dump(mode="json")), one.ended


def _newer(shown: _Shown, seen: int) -> Callable[[], bool]:
    return lambda: shown.number > seen
