"""The pipeline for one run of records: decode, decide, land. What the agent does with each event.

Reads like the promise: ``streams.land`` numbers the steps. Deciding is pure and happens in a thread; a pipeline works
on one run at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl
import structlog

from sanjian import metrics
from streams import alerts as alerting
from streams.decide import Decider
from streams.decode import Decoded, decode, read_rows
from streams.land import Lander, OnStep, no_step
from streams.ledger import Ledger
from streams.maps import CodeMaps
from streams.message import Record
from streams.orgs import KnownOrgs
from streams.retry import until_done
from streams.shape import Landing, Place, landing

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Steps 1 and 2 of a run, done: what there is to land. ``started`` is of the performance counter."""

    decoded: Decoded
    shaped: Landing
    alerts: list[alerting.Alert]
    now: datetime
    started: float


@dataclass(slots=True)
class Pipeline:
    """Works on runs of records of one topic, one at a time; the next one may be prepared meanwhile."""

    decider: Decider
    maps: CodeMaps
    orgs: KnownOrgs
    ledger: Ledger
    lander: Lander
    place: Place
    limit: int  # bytes of the largest message
    on_step: OnStep = no_step
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)  # the agent's runs and a repair

    async def prepare(self, records: Sequence[Record], repeats: frozenset[int] = frozenset()) -> Prepared:
        """Decode and decide; may be done ahead, while the run before is landed.

        :param repeats: indexes of records that were done before and are left out.
        """
        started = time.perf_counter()
        decoded = await self._decode(records)
        return await asyncio.to_thread(self.decide, decoded, repeats, datetime.now(UTC), started)

    async def work(self, records: Sequence[Record], prepared: Awaitable[Prepared] | None = None) -> None:
        """Do the records; returns when they are in the ledger. Never raises for data or servers, only for bugs."""
        async with self._one_at_a_time:
            ready = await (prepared if prepared is not None else self.prepare(records))
            self.on_step(1)
            # only now the runs before are in the ledger, and can be seen to be repeated
            repeats = await until_done("ledger", self._repeats(ready), self.lander.longest_pause)
            if repeats:
                ready = await self.prepare(records, repeats)
            redriven = await until_done("ledger", self._redriven(ready), self.lander.longest_pause)
            if redriven.height:
                ready.shaped.ledger = pl.concat([ready.shaped.ledger, redriven])
            self.on_step(2)
            await self.lander.land(
                ready.shaped, ready.alerts, ready.decoded, ready.decoded.letters, self.place, ready.now
            )  # fmt: skip
            _observe(ready.shaped, len(records), time.perf_counter() - ready.started)

    def _repeats(self, ready: Prepared) -> Callable[[], Awaitable[frozenset[int]]]:
        return lambda: asyncio.to_thread(self.ledger.repeats, ready.decoded.messages)

    def _redriven(self, ready: Prepared) -> Callable[[], Awaitable[pl.DataFrame]]:
        return lambda: asyncio.to_thread(self.ledger.redriven, ready.decoded.messages, ready.shaped.ledger)

    async def _decode(self, records: Sequence[Record]) -> Decoded:
        tables, known = self.decider.tables, self.orgs.known
        decoded = await asyncio.to_thread(decode, records, tables, known, self.limit)
        if any(letter.reason == "unknown_org" for letter in decoded.letters):
            # registered a moment ago, perhaps: look once more before saying no
            pause = self.lander.longest_pause
            now_known = await until_done("orgs", lambda: asyncio.to_thread(self.orgs.refresh), pause)
            if now_known != known:
                decoded = await asyncio.to_thread(decode, records, tables, now_known, self.limit)
        return decoded

    def decide(self, decoded: Decoded, repeats: frozenset[int], now: datetime, started: float) -> Prepared:
        """Step 1 (rows) and 2, and everything shaped for landing. Pure but for the clocks that it is given."""
        decoded.letters = [letter for letter in decoded.letters if letter.message not in repeats]
        read_rows(decoded, self.decider.tables, repeats)
        decision = self.decider.decide(decoded, self.maps)
        versions = {message.org: self.maps.version(message.org) for message in decoded.messages}
        shaped = landing(decoded, decision, self.decider.standard, self.place, versions, repeats, now)
        raised = alerting.build(decoded, decision, shaped, self.decider, self.place, repeats)
        milliseconds = int((time.perf_counter() - started) * 1000)
        shaped.ledger = shaped.ledger.with_columns(work_ms=milliseconds)
        return Prepared(decoded, shaped, raised, now, started)


def _observe(shaped: Landing, messages: int, seconds: float) -> None:
    ledger = shaped.ledger
    metrics.MESSAGES.inc(messages)
    metrics.RUN_SECONDS.observe(seconds)
    for outcome in ("accepted", "rejected", "unreadable", "repeated"):
        metrics.ROWS.labels(outcome=outcome).inc(int(ledger[outcome].sum()))
    metrics.ROWS_FLAGGED.inc(int(ledger["flagged"].sum()))
    metrics.FINDINGS.inc(int(ledger["findings"].sum()))
