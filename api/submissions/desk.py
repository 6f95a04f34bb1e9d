"""The desk where files are handed in: begin, bytes, finish, cancel; and the work on what was handed in.

Every API process has one. It works on what it holds, looks from time to time for what nobody holds any more (a process
was killed), and removes what was never completed.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from anyio import to_thread

from api.errors import ApiError
from api.submissions.held import HOLD, Held
from api.submissions.progress import Progress, progress
from api.submissions.rules import Rules, allowed, late, refusal
from api.submissions.store import Outcome
from api.submissions.submission import WORKING, Submission
from api.submissions.words import failure
from api.submissions.work import Tools, work
from clickhouse.steps import now_ms
from clickhouse.thresholds import ThresholdStore
from sanjian.errors import NotNow
from sanjian.logs import trace
from streams.watch.thresholds import Thresholds

log = structlog.get_logger("api.submissions")

#: Files worked on at a time by one process; the pipeline is the same for all of them.
AT_ONCE = 2
#: Between two looks for work that nobody holds.
LOOK_SECONDS = 3.0
#: Files on their way in, altogether and of one institution: the disk is shared.
MOST_OPEN, MOST_OPEN_OF_ORG = 64, 4
#: A file of which no byte came for so long is not coming any more.
GIVEN_UP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission as somebody asks for it."""

    org: str
    month: date
    variant: str
    file: str
    size: int
    sha256: str
    actor: str


@dataclass(slots=True)
class Desk:
    """``now`` gives UTC; ``max_bytes`` of a file, ``quota`` bytes of all files that have not ended."""

    tools: Tools
    thresholds: ThresholdStore
    max_bytes: int
    quota: int
    now: Callable[[], datetime]
    _name: str = field(default_factory=lambda: uuid.uuid4().hex)
    _work: dict[str, tuple[Held, asyncio.Task[None]]] = field(default_factory=dict)
    _come: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context is open. What is under way then is gone on with later, by
        whoever."""
        task = asyncio.create_task(self._run(), name="submissions")
        try:
            yield
        finally:
            task.cancel()
            for held, work_ in self._work.values():
                held.let_go()
                work_.cancel()
            await asyncio.gather(task, *(work_ for _, work_ in self._work.values()), return_exceptions=True)

    def begin(self, asked: Asked) -> Submission:
        """A new submission that waits for its first byte. Blocks. Raises ApiError where there may be none."""
        store, now = self.tools.store, self.now()
        if asked.size > self.max_bytes:
            raise ApiError("file_too_large", limit=self.max_bytes)
        opened = store.open()
        mine = [one for one in opened if one.org == asked.org]
        same = any(one.month == asked.month for one in mine)
        used = len(store.counted(asked.org, asked.month))
        refused = refusal(now, asked.month, self.rules(asked.org), store.opening(asked.org, asked.month), used, same)
        if refused:
            raise ApiError(refused)
        incoming = [one for one in opened if one.state == "uploading"]
        room = sum(one.size for one in opened) + asked.size <= self.quota
        if len(mine) >= MOST_OPEN_OF_ORG or len(incoming) >= MOST_OPEN or not room:
            raise ApiError("uploads_full")
        moment = now_ms(now)
        submission = Submission(
            id=uuid.uuid4().hex, version=1, at=moment, org=asked.org, month=asked.month, variant=asked.variant,
            state="uploading", file=asked.file, size=asked.size, sha256=asked.sha256, actor=asked.actor,
            started_at=moment,
        )  # fmt: skip
        self.tools.disk.create(submission.id)
        store.take(submission)
        return submission

    def append(self, submission: Submission, offset: int, content: bytes, sha256: str) -> int:
        """Bytes of the file from ``offset`` on; the offset of the next ones. Blocks. Raises ApiError."""
        self._uploading(submission)
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise ApiError("chunk_sum", more={"offset": self.tools.disk.size(submission.id)})
        return self.tools.disk.append(submission.id, offset, content, submission.size)

    def finish(self, submission: Submission) -> Submission:
        """The file is whole: from now on it is worked on. Blocks; call :meth:`wake` afterwards. Raises ApiError;
        whoever calls twice is told the same."""
        if submission.state != "uploading":
            return submission
        self._uploading(submission)
        came = self.tools.disk.size(submission.id)
        if came != submission.size:
            raise ApiError("not_whole_yet", more={"offset": came}, headers={"Upload-Offset": str(came)})
        digest = self.tools.disk.whole(submission.id)
        if submission.sha256 and digest != submission.sha256:
            self._end(submission, "refused", "wrong_sum")
            raise ApiError("wrong_sum")
        whole = now_ms(self.now())
        step = submission.step(
            whole, state="queued", sent_at=whole, sha256=digest,
            late=int(late(whole, submission.month, self.rules(submission.org))),
        )  # fmt: skip
        if not self.tools.store.take(step):
            raise ApiError("submission_over")
        return step

    def cancel(self, submission: Submission) -> Submission:
        """Cancel it at any stage before the switch. Blocks. Raises ApiError."""
        current: Submission | None = submission
        while current is not None and current.may_be_cancelled:
            step = current.step(self.now(), state="cancelled", **failure("cancelled"))
            if self.tools.store.take(step):
                if current.state in ("uploading", "queued"):
                    self.tools.disk.remove(step.id)
                return step
            current = self.tools.store.get(submission.id)
        raise ApiError("submission_over")

    def wake(self) -> None:
        """There is something to do."""
        self._come.set()

    def progress(self, submission: Submission) -> Progress:
        """How far it is. Blocks."""
        counting = submission.state in ("sending", "validating", "switching") or (
            submission.ended and submission.state != "done" and submission.rows > 0
        )
        outcome = self.tools.store.outcome(submission) if counting else Outcome()
        return progress(submission, self.tools.disk.size(submission.id), outcome, self.now())

    def rules(self, org: str) -> Rules:
        """What holds for an institution. Blocks."""
        given = Thresholds(self.thresholds.all())
        return Rules.of(lambda name, of: given.value(name, of, self.tools.table.name), org)

    def _uploading(self, submission: Submission) -> None:
        if submission.state != "uploading" or not self.tools.disk.here(submission.id):
            raise ApiError("upload_over")

    def _end(self, submission: Submission, state: str, code: str) -> None:
        if self.tools.store.take(submission.step(self.now(), state=state, **failure(code))):
            self.tools.disk.remove(submission.id)

    async def _run(self) -> None:
        while True:
            self._come.clear()
            try:
                await self._look()
            except NotNow as error:
                log.warning("submissions_wait", reason=str(error))
            except Exception as error:  # a bug of ours must not end the work of all files for good
                log.error("submissions_bug", trace=trace(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._come.wait()

    async def _look(self) -> None:
        opened = await to_thread.run_sync(self.tools.store.open)
        for one in opened:
            if one.state == "uploading":
                await to_thread.run_sync(self._given_up, one)
            elif len(self._work) < AT_ONCE and await to_thread.run_sync(self._free, one):
                await self._begin_work(one)
        await to_thread.run_sync(self._tidy, {one.id for one in opened})

    def _free(self, one: Submission) -> bool:
        """Whether we may work on it: nobody holds it, and the file is here, or nowhere."""
        if one.state not in WORKING or one.id in self._work or self.now() < one.held_until:
            return False
        return self.tools.disk.here(one.id) or self.now() - one.at > 3 * HOLD

    async def _begin_work(self, one: Submission) -> None:
        step = one.step(self.now(), holder=self._name, held_until=now_ms(self.now()) + HOLD)
        if not await to_thread.run_sync(self.tools.store.take, step):
            return
        opening = await to_thread.run_sync(self.tools.store.opening, one.org, one.month)
        most = allowed(await to_thread.run_sync(self.rules, one.org), opening)
        held = Held(self.tools.store, step, self.now)
        task = asyncio.create_task(work(self.tools, held, most))
        self._work[one.id] = held, task
        task.add_done_callback(lambda _: self._worked(one.id))

    def _worked(self, ident: str) -> None:
        self._work.pop(ident, None)
        self.wake()

    def _given_up(self, one: Submission) -> None:
        touched = self.tools.disk.touched(one.id) or one.started_at
        if self.now() - max(touched, one.started_at) > GIVEN_UP:
            self._end(one, "expired", "expired")

    def _tidy(self, opened: set[str]) -> None:
        """Remove folders of what has ended while nobody worked on it. A folder is older than the step that names it."""
        for ident in self.tools.disk.idents():
            touched = self.tools.disk.touched(ident)
            if ident not in opened and touched is not None and self.now() - touched > GIVEN_UP:
                self.tools.disk.remove(ident)
