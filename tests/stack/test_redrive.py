"""A dead letter that is sent once more: its rows count where they are now, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query
from standard.load import load
from streams.deadletters import DeadLetters
from streams.producer import Producer
from streams.rollup import Rollup
from streams.worker import running_worker
from tests.stack.conftest import Stack
from tests.stack.test_whole_path import until_landed
from tests.streams.unit.build import CHARGES, ORG, charge

pytestmark = pytest.mark.stack

COUNTS = ("received", "accepted", "rejected", "unreadable")
EVERY = {"org": "", "table": "", "biz_from": "1970-01-01", "biz_to": "1970-01-01"}


def counts(stack: Stack) -> dict[str, int]:
    """Sums over the whole ledger."""
    rows = stack.clickhouse.rows(load_query("counts_by_day"), EVERY)
    return {name: sum(row[name] for row in rows) for name in COUNTS}


def summed(stack: Stack, now: datetime) -> dict[str, int]:
    """The same from the sums of days."""
    Rollup(stack.clickhouse).refresh(now)
    row = stack.clickhouse.rows(f"SELECT {', '.join(f'sum(d.{n}) AS {n}' for n in COUNTS)} FROM ledger_days AS d FINAL")
    return dict(row[0])


@pytest.fixture
async def producer(stack: Stack) -> AsyncIterator[Producer]:
    made = Producer([stack.bootstrap], idempotent=False, max_bytes=1 << 20)
    yield made
    await made.close()


async def redrive(stack: Stack, producer: Producer, offset: int, partition: int) -> int:
    letters = DeadLetters(stack.clickhouse, producer, stack.changes.name, asyncio.get_running_loop())
    there = await asyncio.to_thread(letters.redrive, stack.changes.id, partition, offset)
    await until_landed(stack)
    return there


async def test_rows_of_an_institution_that_was_registered_late_are_received_once(
    stack: Stack, producer: Producer
) -> None:
    now = datetime.now(UTC)
    head = {"sanjian": 1, "org": ORG, "table": CHARGES, "batch": "B1", "op": "upsert", "count": 2}
    rows: list[dict[str, Any]] = [charge(SFMXID="S1"), charge(SFMXID="S2")]
    value = b"\n".join(orjson.dumps(line) for line in ({**head, "sent_at": now.isoformat()}, *rows))
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        sent = await producer.send(stack.changes.name, ORG.encode(), value)
        await until_landed(stack)
        lost = {"received": 2, "accepted": 0, "rejected": 0, "unreadable": 2}
        assert counts(stack) == summed(stack, now) == lost
        await redrive(stack, producer, sent.offset, sent.partition)  # too early: nobody knows it yet
        assert counts(stack) == summed(stack, now + timedelta(minutes=10)) == lost
        again = stack.clickhouse.rows("SELECT offset FROM ledger FINAL WHERE unreadable > 0")[0]["offset"]
        OrgStore(stack.clickhouse).save([Org(ORG, "医院", inpatient=True)])
        await redrive(stack, producer, again, sent.partition)
        read = counts(stack)
        assert summed(stack, now + timedelta(minutes=20)) == read
    assert (read["received"], read["unreadable"], read["accepted"] + read["rejected"]) == (2, 0, 2)
    assert stack.clickhouse.rows("SELECT count() AS n FROM dead_letters FINAL") == [{"n": 2}]  # history stays
