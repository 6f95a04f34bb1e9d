"""A submission that this process works on: every change of it is a step taken by compare and set, so that of a step of
ours and one of somebody else (a cancellation, another process) exactly one comes first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from anyio import to_thread

from api.submissions.store import SubmissionStore
from api.submissions.submission import Submission
from sanjian.errors import NotNow

log = structlog.get_logger("api.submissions")

#: A process that has not been heard of for so long has ended; long enough for a busy machine.
HOLD = timedelta(seconds=10)
#: Between two signs of life, which are also how far a submission is for those who look from elsewhere.
BEAT_SECONDS = 3.0
#: Between tries while ClickHouse is away.
PAUSE_SECONDS = 1.0


class LostHold(Exception):
    """Somebody else has taken the next step."""


class Held:
    """``now`` is the submission as we took it last; the counts are added to the next step."""

    def __init__(self, store: SubmissionStore, submission: Submission, clock: Callable[[], datetime]) -> None:
        self.now = submission
        self.read_rows = submission.read_rows
        self.sent_rows = submission.sent_rows
        self._store = store
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._lost = threading.Event()

    @property
    def lost(self) -> bool:
        """Whether it is ours no longer; asked from threads too."""
        return self._lost.is_set()

    def let_go(self) -> None:
        """Take no more steps; whoever comes next goes on. What works in a thread ends soon."""
        self._lost.set()

    async def step(self, **changes: Any) -> Submission:
        """Take the next step; waits while ClickHouse is away. Raises LostHold."""
        async with self._one_at_a_time:
            while not self.lost:
                moment = self._clock()
                counts = {"read_rows": self.read_rows, "sent_rows": self.sent_rows, "held_until": moment + HOLD}
                step = self.now.step(moment, **(counts | changes))
                try:
                    taken = await to_thread.run_sync(self._taken, step)
                except NotNow as error:
                    log.warning("submission_waits", submission=step.id, reason=str(error))
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                if taken is not None:
                    self.now = taken
                    return taken
                self._lost.set()
            raise LostHold

    def _taken(self, step: Submission) -> Submission | None:
        """The step, if we have it: now, or by an earlier try whose answer did not reach us."""
        if self._store.take(step):
            return step
        stored = self._store.get(step.id)
        ours = stored is not None and stored.holder == self.now.holder and stored.version == step.version
        return stored if ours and stored is not None and stored.state == step.state else None

    async def beat(self) -> None:
        """Signs of life until the hold is lost."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self.step()
