"""Redrives under way: publishes part after part, and keeps in ``redrives`` how far each one is, for every process.

A process that ends leaves a redrive that does not go on; what it has sent is done all the same, and whoever wants the
rest starts another. A message that was published twice counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl
import structlog
from anyio import to_thread

from api.redrive.envelope import Rejected, envelope
from api.redrive.plan import Plan, Wanted, contents, together
from clickhouse.client import ClickHouse
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.steps import MOMENT, now_ms
from sanjian.errors import NotNow
from streams.message import REDRIVE_HEADER
from streams.producer import Producer

log = structlog.get_logger("api.redrive")

#: What has not gone on for so long does not go on any more: a part takes seconds.
STUCK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Job:
    """A redrive; the columns of ``redrives``. ``wanted`` and ``not_possible`` are JSON."""

    id: str
    actor: str
    org: str
    wanted: str
    state: str
    messages: int
    rows: int
    sent_messages: int
    sent_rows: int
    not_possible: str
    more: int
    started_at: datetime
    at: datetime


@dataclass(slots=True)
class Redrives:
    """The redrives of this process. ``now`` gives UTC."""

    clickhouse: ClickHouse
    producer: Producer
    topic: str
    limit: int  # bytes of the largest message
    now: Callable[[], datetime]
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self, ident: str, actor: str, wanted: Wanted, plan: Plan, reader: Reader, wait: float) -> None:
        """Begin a redrive; returns when it is done, or after ``wait`` seconds."""
        begun = now_ms(self.now())
        job = Job(
            ident, actor, wanted.org, orjson.dumps(wanted.parameters()).decode(), "running", len(plan.messages),
            plan.rows, 0, 0, _json(plan), int(plan.more), begun, begun,
        )  # fmt: skip
        await self._keep(job)
        task = asyncio.create_task(self._run(job, plan, reader))
        self._tasks[ident] = task
        task.add_done_callback(lambda _: self._tasks.pop(ident, None))
        await asyncio.wait({task}, timeout=wait)
        if task.done():
            task.result()  # a bug is to be seen

    @property
    def busy(self) -> bool:
        """Whether one is under way here."""
        return bool(self._tasks)

    def find(self, ident: str) -> tuple[Job, dict[str, int]] | None:
        """A redrive and what became of its rows until now; None when there is none. Blocks."""
        rows = self.clickhouse.rows(load_query("redrive_job"), {"id": ident})
        if not rows:
            return None
        job = Job(**rows[0])
        if job.state == "running" and self.now() - job.at > STUCK:
            job = replace(job, state="stopped")
        [outcome] = self.clickhouse.rows(load_query("redrive_outcome"), {"id": ident})
        return job, {name: int(value) for name, value in outcome.items()}

    async def close(self) -> None:
        """Stop what is under way; a part that is being published is published or not, both are well."""
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run(self, job: Job, plan: Plan, reader: Reader) -> None:
        try:
            for part in together(plan.messages):
                job = await self._send(job, part, plan, reader)
            await self._keep(replace(job, state="done", not_possible=_json(plan)))
        except NotNow as error:
            log.warning("redrive_stopped", redrive=job.id, reason=str(error))
            await self._keep(replace(job, state="stopped", not_possible=_json(plan)))

    async def _send(self, job: Job, part: Sequence[Rejected], plan: Plan, reader: Reader) -> Job:
        raw = await to_thread.run_sync(contents, reader, part)
        sending = []
        rows = 0
        for one in part:
            if len(raw.get(one.place, ())) != one.rows:
                continue  # another redrive has taken them over since
            value = envelope(one, raw[one.place], job.id)
            if len(value) > self.limit:
                plan.leave_out("too_large", one.rows)
                continue
            sending.append((one.org, value, [(REDRIVE_HEADER, b"1")]))
            rows += one.rows
        await self.producer.publish(self.topic, sending)
        job = replace(
            job, sent_messages=job.sent_messages + len(sending), sent_rows=job.sent_rows + rows,
            at=max(now_ms(self.now()), job.at + timedelta(milliseconds=1)),
        )  # fmt: skip
        await self._keep(job)
        return job

    async def _keep(self, job: Job) -> None:
        schema: dict[str, Any] = {
            "messages": pl.UInt32, "rows": pl.UInt64, "sent_messages": pl.UInt32, "sent_rows": pl.UInt64,
            "more": pl.UInt8, "started_at": MOMENT, "at": MOMENT,
        }  # fmt: skip
        frame = pl.DataFrame([asdict(job)], schema_overrides=schema)
        await to_thread.run_sync(self.clickhouse.insert, "redrives", frame)


def _json(plan: Plan) -> str:
    return orjson.dumps({reason: asdict(count) for reason, count in plan.not_possible.items()}).decode()
