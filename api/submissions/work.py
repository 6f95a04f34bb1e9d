"""The work on one submission, from the whole file to the row that says that it counts.

1. check the whole file and cut it into messages on disk (``api.submissions.check``)
2. keep which rows the file has
3. send the messages that the ledger lacks, never more than AHEAD bytes before what has landed
4. wait until every row has its outcome in the ledger
5. switch the month: one row; from now on the file counts, and no other one
6. remove the file

Each state is a step of ``submission_steps``; whoever goes on after a crash begins with the state that it finds. 1 is
done again from the start; 3 sends what the ledger does not have, and the pipeline takes the same bytes once; 5 says the
same however often it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from anyio import to_thread

from api.submissions.check import Stopped, Wanted, check
from api.submissions.disk import Disk
from api.submissions.files.refused import Unusable
from api.submissions.held import PAUSE_SECONDS, Held, LostHold
from api.submissions.parts import Part, Parts
from api.submissions.store import Outcome, SubmissionStore
from api.submissions.submission import Submission
from api.submissions.words import failure
from sanjian.errors import NotNow
from sanjian.logs import trace
from standard.model import Table
from streams.producer import Producer
from streams.retry import until_done
from streams.topics import Topic, topic_now

log = structlog.get_logger("api.submissions")
Result = TypeVar("Result")

#: Bytes that the broker may have before they have landed: enough to keep the pipeline busy, little to wait for when
#: somebody cancels, and all that a memory broker holds of a file.
AHEAD = 24 * 1024 * 1024
#: Bytes published together: what the pipeline takes as one run by default, so that it finds a whole one.
TOGETHER = 8_000_000
#: Between two looks at the ledger: first often, because a small file is done in a second; then as often as it changes.
LOOK_SECONDS = (0.1, 0.5)
#: Nothing landed for so long: has the broker lost what it was sent?
STALLED_SECONDS = 15.0
TOPIC_SECONDS = 5.0
#: Between tries while ClickHouse is away, at most.
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What the work is done with; ``topic`` is his.changes as it was when this process began."""

    store: SubmissionStore
    disk: Disk
    producer: Producer
    bootstrap: list[str]
    topic: Topic
    table: Table
    limit: int  # bytes of the largest message


async def work(tools: Tools, held: Held, most: int) -> None:
    """Do what is left to do. Ends with the last step, or silently when somebody else has taken over.

    :param most: how many submissions of the month may count.
    """
    beating = asyncio.create_task(held.beat())
    try:
        await _work(tools, held, most)
    except LostHold:
        await _cleaned(tools, held.now.id)
    except Unusable as refused:
        await _end(tools, held, "refused", reason=refused.code, line=refused.line, zh=refused.zh, en=refused.en)
    except Exception as error:
        log.error("submission_bug", submission=held.now.id, trace=trace(error))
        await _end(tools, held, "failed", **failure("internal"))
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _work(tools: Tools, held: Held, most: int) -> None:
    ident = held.now.id
    if not tools.disk.here(ident):
        await _end(tools, held, "failed", **failure("gone"))
        return
    parts = await to_thread.run_sync(tools.disk.parts(ident).all) if held.now.rows else None
    if parts is None:
        parts = await _check(tools, held)
    if held.now.state != "switching":
        await _send(tools, held, parts)  # validating, too: a memory broker may have lost what another process sent
    if held.now.state == "sending":
        await held.step(state="validating", sent_rows=held.now.rows)
    outcome = await _landed(tools, held, parts)
    if outcome.unreadable:
        await _end(tools, held, "failed", **failure("unreadable", count=outcome.unreadable))
        return
    if held.now.state != "switching":
        await held.step(state="switching")
    number = await _until_done(partial(tools.store.switch, held.now, most))
    if number is None:
        await _end(tools, held, "failed", **failure("no_more_submissions"))
        return
    await _end(
        tools, held, "done", number=number, accepted=outcome.accepted, rejected=outcome.rejected,
        flagged=outcome.flagged, findings=outcome.findings,
    )  # fmt: skip


async def _check(tools: Tools, held: Held) -> list[Part]:
    one = await held.step(state="checking")
    wanted = Wanted(one.id, one.org, one.month, one.variant, one.sent_at)
    parts = tools.disk.parts(one.id)

    def progress(rows: int) -> None:
        held.read_rows = rows

    try:
        found = await to_thread.run_sync(
            check, tools.disk.file(one.id), wanted, tools.table, parts, tools.limit, progress, lambda: held.lost
        )
    except Stopped:
        raise LostHold from None
    made = await to_thread.run_sync(parts.all)
    await held.step(
        state="sending", format=found.format, encoding=found.encoding, missing=found.missing, rows=found.rows,
        parts=found.parts,
    )  # fmt: skip
    return made or []


async def _send(tools: Tools, held: Held, parts: list[Part]) -> None:
    """Send what the ledger lacks. Everything before it in the file may still be on its way."""
    disk = tools.disk.parts(held.now.id)
    landed = (await _until_done(partial(tools.store.outcome, held.now))).batches
    ahead: list[Part] = []
    held.sent_rows = 0
    kept = asyncio.create_task(_keep_rows(tools, held.now, parts))
    try:
        for group in together(parts):
            some = [part for part in group if _batch(held.now, part) not in landed]
            if some:
                messages = await to_thread.run_sync(_messages, disk, some)
                await _publish(tools, held, messages)
                ahead += some
            held.sent_rows += sum(part.rows for part in group)
            while sum(part.size for part in ahead) > AHEAD:
                await _pause(held, LOOK_SECONDS[1])
                landed = (await _until_done(partial(tools.store.outcome, held.now))).batches
                ahead = [part for part in ahead if _batch(held.now, part) not in landed]
        await kept
    finally:
        kept.cancel()
        await asyncio.gather(kept, return_exceptions=True)


def together(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts in groups of at most TOGETHER bytes, at least one each."""
    group: list[Part] = []
    for part in parts:
        if group and sum(one.size for one in group) + part.size > TOGETHER:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _messages(disk: Parts, parts: list[Part]) -> list[bytes]:
    return [disk.message(part) for part in parts]


async def _keep_rows(tools: Tools, submission: Submission, parts: list[Part]) -> None:
    keys = await to_thread.run_sync(tools.disk.parts(submission.id).keys, parts)
    await _until_done(partial(tools.store.keep_rows, submission, keys))


async def _publish(tools: Tools, held: Held, messages: list[bytes]) -> None:
    key = held.now.org
    while True:
        if held.lost:
            raise LostHold
        try:
            await tools.producer.publish(tools.topic.name, [(key, message, []) for message in messages])
            return
        except NotNow as error:
            log.warning("submission_waits", submission=held.now.id, reason=str(error))
            await asyncio.sleep(PAUSE_SECONDS)


async def _landed(tools: Tools, held: Held, parts: list[Part]) -> Outcome:
    """Wait until every message is in the ledger; sends again what a memory broker has lost."""
    loop = asyncio.get_running_loop()
    pause, since, known, topic = LOOK_SECONDS[0], loop.time(), -1, tools.topic.id
    while True:
        outcome = await _until_done(partial(tools.store.outcome, held.now))
        if len(outcome.batches) >= len(parts):
            return outcome
        if len(outcome.batches) != known:
            known, since = len(outcome.batches), loop.time()
        elif loop.time() - since > STALLED_SECONDS:
            since = loop.time()
            now = await _topic_id(tools)
            if now not in ("", topic):
                topic = now
                await _send(tools, held, parts)
        await _pause(held, pause)
        pause = min(LOOK_SECONDS[1], pause * 1.2)


async def _topic_id(tools: Tools) -> str:
    """The id of his.changes now; empty while the broker does not say."""
    try:
        return (await to_thread.run_sync(topic_now, tools.bootstrap, tools.topic.name, TOPIC_SECONDS)).id
    except NotNow:
        return ""


async def _pause(held: Held, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if held.lost:
        raise LostHold


async def _until_done(call: Callable[[], Result]) -> Result:
    return await until_done("submission", lambda: to_thread.run_sync(call), LONGEST_PAUSE)


async def _end(tools: Tools, held: Held, state: str, **changes: object) -> None:
    with suppress(LostHold):
        await held.step(state=state, **changes)
    await _cleaned(tools, held.now.id)


async def _cleaned(tools: Tools, ident: str) -> None:
    """Remove the file of a submission that has ended, whoever ended it."""
    found = await _until_done(partial(tools.store.get, ident))
    if found is None or found.ended:
        await to_thread.run_sync(tools.disk.remove, ident)


def _batch(submission: Submission, part: Part) -> str:
    return f"{submission.id}/{part.first}"
