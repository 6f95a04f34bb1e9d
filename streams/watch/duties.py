"""What the leader does besides its share of the stream: duties, one after the other, each as often as it says.

Blocking work is done in threads, so the stream is not held up. *Not now* is waited for: the duty comes again. A bug is
noted (``bugs``) and the other duties go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from sanjian import metrics
from sanjian.errors import NotNow
from streams.watch.bugs import Bugs

log = structlog.get_logger(__name__)

#: A duty under way is waited for when a worker stops; its steps are such that it may also be cut off.
STOP_SECONDS = 5.0


#: There is more to be done than was done.
MORE = "more"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done every so many seconds. ``work`` gets the moment; it may raise NotNow.

    When it returns ``MORE`` it comes again after a rest as long as it took: half of the time is left to the stream.
    """

    name: str
    every: float
    work: Callable[[datetime], Awaitable[object]]


def in_thread(work: Callable[[datetime], object]) -> Callable[[datetime], Awaitable[object]]:
    """Blocking work as the work of a duty."""

    async def run(now: datetime) -> object:
        return await asyncio.to_thread(work, now)

    return run


class Duties:
    """``await duties.step()`` does what is due, in order."""

    def __init__(self, duties: Sequence[Duty], bugs: Bugs, now: Callable[[], datetime]) -> None:
        self._duties = duties
        self._bugs = bugs
        self._now = now
        self._due: dict[str, float] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    async def step(self) -> None:
        """Never raises, but for cancellation."""
        loop = asyncio.get_running_loop()
        for duty in self._duties:
            if not self._stopping and loop.time() >= self._due.get(duty.name, 0.0):
                self._idle.clear()
                begun = loop.time()
                try:
                    more = await self._do(duty) == MORE
                finally:
                    self._idle.set()
                took = loop.time() - begun
                self._due[duty.name] = loop.time() + (min(took, duty.every) if more else duty.every)

    async def stop(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self._stopping = True
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.info("duty_cut_off")

    async def _do(self, duty: Duty) -> object:
        now = self._now()
        with metrics.DUTY_SECONDS.labels(duty=duty.name).time():
            try:
                result = await duty.work(now)
            except NotNow as error:
                metrics.NOT_NOW.labels(step=duty.name).inc()
                log.warning("not_now", step=duty.name, reason=str(error))
            except Exception as error:
                self._bugs.note(duty.name, error, now)
            else:
                self._bugs.clear(duty.name)
                return result
        return None
