"""Redriving over the API: who may, what is published, how far it is, what cannot be redriven."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from typer import Typer
from typer.testing import CliRunner

from api.accounts.principal import Assignment
from api.redrive import jobs, plan
from clickhouse.orgs import Org, OrgStore
from sanjian.errors import NotNow
from sanjian.redrive import redrive
from streams.message import REDRIVE_HEADER
from tests.api.conftest import ORG_A, ORG_B, Running, Serve, Stack, running
from tests.api.landed import DAY, NOW, TABLE, ledger

pytestmark = pytest.mark.stack


def rejected(stack: Stack, offset: int, rows: int, rules: Sequence[str] = ("R1",), **more: Any) -> None:
    """A message of ten rows, some of them rejected."""
    known = {
        "org": ORG_A,
        "offset": offset,
        "batch": f"b{offset}",
        "arrived_at": NOW + timedelta(seconds=offset),
    } | more
    ledger(stack.clickhouse, **known, accepted=10 - rows, rejected=rows, source_time=NOW)
    place = {"topic_id": "t1", "partition": 0, "table": TABLE, "biz_date": DAY, "op": "upsert", "landed_at": NOW}
    kept = [
        place | known | {"row": row, "row_key": f"k{row}", "rule_ids": list(rules), "raw": f'{{"XM":"欧阳小明{row}"}}'}
        for row in range(1, rows + 1)
    ]
    stack.clickhouse.insert("rejected_rows", pl.DataFrame(kept))


class Clock:
    """The API's clock."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(stack: Stack, clock: Clock) -> AsyncIterator[Running]:
    """Two messages of one hospital and one of another, with rejected rows."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "甲医院"), Org(ORG_B, "乙医院")])
    rejected(stack, 1, 2)
    rejected(stack, 2, 3)
    rejected(stack, 3, 1, org=ORG_B)
    async with running(stack.app(now=clock)) as found:
        yield found


async def ask(api: Running, stack: Stack, who: str = "operator", status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await api.client.post("/api/v1/rejected/redrive", json=body, headers=stack.headers(who))
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def published(stack: Stack, many: int) -> list[tuple[bytes, dict[str, Any], list[str], dict[str, bytes]]]:
    """Key, header line, rows and Kafka headers of what is in his.changes: so many messages, and no more."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(stack.changes.name, number) for number in range(stack.changes.partitions)])
        async with asyncio.timeout(30):
            found = [await consumer.getone() for _ in range(many)]
        assert not await consumer.getmany(timeout_ms=200)
    finally:
        await consumer.stop()
    messages = []
    for one in found:
        header, *rows = (one.value or b"").split(b"\n")
        messages.append((one.key, orjson.loads(header), [row.decode() for row in rows], dict(one.headers)))
    return sorted(messages, key=lambda message: message[1]["origin"]["offset"])


async def told(api: Running, stack: Stack, ident: str) -> list[int]:
    """Rows that were accepted, rejected, repeated and are waited for."""
    answer = await api.client.get(f"/api/v1/rejected/redrives/{ident}", headers=stack.headers("operator"))
    return [answer.json()[name] for name in ("accepted", "rejected", "repeated", "waiting")]


async def test_a_dry_run_says_how_many_and_does_nothing(api: Running, stack: Stack) -> None:
    found = await ask(api, stack, dry_run=True)
    assert (found["state"], found["id"], found["messages"], found["rows"], found["matching"]) == (
        "planned",
        "",
        3,
        6,
        6,
    )
    assert await published(stack, 0) == []
    assert stack.clickhouse.rows("SELECT * FROM audit_log WHERE action = 'rejected.redrive'") == []


async def test_rows_are_published_as_they_were_sent_and_their_outcome_is_told(
    api: Running, stack: Stack, clock: Clock
) -> None:
    found = await ask(api, stack, org=ORG_A, table=TABLE.lower(), rule_id="R1")
    assert (found["state"], found["messages"], found["rows"], found["sent_rows"]) == ("done", 2, 5, 5)
    assert (found["waiting"], found["accepted"], found["matching"], found["more"]) == (5, 0, 5, False)
    [first, second] = await published(stack, 2)
    key, header, rows, marks = first
    assert (key, marks, rows) == (ORG_A.encode(), {REDRIVE_HEADER: b"1"}, ['{"XM":"欧阳小明1"}', '{"XM":"欧阳小明2"}'])
    assert header == {
        "sanjian": 1, "org": ORG_A, "table": TABLE, "batch": "b1", "op": "upsert", "count": 2, "redrive": found["id"],
        "sent_at": "2026-11-21T04:00:00.000+00:00",
        "origin": {"topic_id": "t1", "partition": 0, "offset": 1, "arrived_ms": round(NOW.timestamp() * 1000) + 1000},
    }  # fmt: skip
    assert len(second[2]) == 3
    origin = {"origin_topic_id": "t1", "origin_partition": 0, "origin_offset": 1}
    ledger(
        stack.clickhouse, offset=50, redrive=found["id"], received=2, accepted=1, rejected=1, kind="batch", **origin
    )  # fmt: skip
    ledger(stack.clickhouse, offset=51, redrive=found["id"], received=0, accepted=0, repeated=3, kind="repeat")
    assert await told(api, stack, found["id"]) == [0, 0, 3, 2], "two rows still stand where they were rejected"
    ledger(stack.clickhouse, offset=1, received=8, accepted=8, landed_at=NOW + timedelta(milliseconds=1))
    assert await told(api, stack, found["id"]) == [1, 1, 3, 0]
    progress = await api.client.get(f"/api/v1/rejected/redrives/{found['id']}", headers=stack.headers("operator"))
    [entry] = stack.clickhouse.rows("SELECT actor, target, detail FROM audit_log WHERE action = 'rejected.redrive'")
    assert (entry["actor"], entry["target"]) == ("operator:operator", found["id"])
    assert '"rows":5' in entry["detail"]
    assert "小明" not in entry["detail"] + progress.text


async def test_a_hospital_redrives_its_own_rows_only_and_nobody_elses_progress_is_shown(
    api: Running, stack: Stack
) -> None:
    assert (await ask(api, stack, "b", dry_run=True))["rows"] == 1
    found = await ask(api, stack, "b")
    assert {key for key, *_ in await published(stack, 1)} == {ORG_B.encode()}
    assert (await ask(api, stack, "b", 403, org=ORG_A))["error"]["code"] == "other_org"
    for who, status in (("b", 200), ("admin", 200), ("a", 404), ("operator", 404)):
        answer = await api.client.get(f"/api/v1/rejected/redrives/{found['id']}", headers=stack.headers(who))
        assert answer.status_code == status, who
    stack.machine("regulator", Assignment("regulator", scope="000000"))
    assert (await ask(api, stack, "regulator", 403))["error"]["code"] == "forbidden"


async def test_what_cannot_be_redriven_is_said_by_reason(api: Running, stack: Stack) -> None:
    stack.clickhouse.command("DELETE FROM rejected_rows WHERE offset = 1")
    rejected(stack, 8, 1, batch="b" * 150)
    twice = next(
        rule.id for rule in api.parts.standard.tables[TABLE].rules if any(one.kind == "unique" for one in rule.flight)
    )
    rejected(stack, 9, 2, rules=["R1", twice])
    api.parts.redrives.limit = 400
    found = await ask(api, stack, org=ORG_A)
    assert (found["messages"], found["sent_messages"], found["sent_rows"]) == (2, 1, 3)
    reasons = {one["reason"]: (one["messages"], one["rows"]) for one in found["not_possible"]}
    assert reasons == {"gone": (1, 2), "too_large": (1, 1), "repeats": (1, 2)}
    assert all(one["reason_zh"] and one["reason_en"] for one in found["not_possible"])


async def test_a_redrive_goes_in_parts_and_says_when_there_is_more(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "TOGETHER", 1)
    monkeypatch.setattr(plan, "MOST_MESSAGES", 2)
    found = await ask(api, stack)
    assert (found["sent_messages"], found["sent_rows"], found["more"]) == (2, 5, True)
    assert len(await published(stack, 2)) == 2


async def test_while_the_broker_is_away_a_redrive_stops_and_says_so(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise NotNow("the broker is away")

    with monkeypatch.context() as broken:
        broken.setattr(api.parts.producer, "publish", away)
        found = await ask(api, stack)
    assert (found["state"], found["sent_rows"], found["waiting"]) == ("stopped", 0, 0)
    assert (await ask(api, stack))["state"] == "done"


async def test_a_long_redrive_answers_at_once_goes_on_and_is_the_only_one(
    api: Running, stack: Stack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()
    publish = api.parts.producer.publish

    async def slow(*sent: Any) -> Any:
        await go_on.wait()
        return await publish(*sent)

    monkeypatch.setattr("api.routes.redrive.WAIT_SECONDS", 0.01)
    monkeypatch.setattr(api.parts.producer, "publish", slow)
    found = await ask(api, stack)
    assert (found["state"], found["sent_rows"]) == ("running", 0)
    assert (await ask(api, stack, status=409))["error"]["code"] == "redrive_running"
    clock.now = NOW + jobs.STUCK + timedelta(seconds=1)
    where = f"/api/v1/rejected/redrives/{found['id']}"
    stuck = await api.client.get(where, headers=stack.headers("operator"))
    assert stuck.json()["state"] == "stopped"  # nothing has been heard of it for too long
    go_on.set()
    while api.parts.redrives.busy:
        await asyncio.sleep(0.01)
    assert (await api.client.get(where, headers=stack.headers("operator"))).json()["state"] == "done"


async def test_rows_that_another_redrive_took_over_meanwhile_are_left_out(api: Running, stack: Stack) -> None:
    ledger(stack.clickhouse, offset=1, accepted=8, rejected=0, received=8, landed_at=NOW + timedelta(seconds=1))
    found = await ask(api, stack, org=ORG_A)
    assert (found["messages"], found["rows"], found["not_possible"]) == (1, 3, [])


@pytest.mark.parametrize("body", [{"from": "x"}, {"colour": 1}, {"rule_id": "x" * 101}])
async def test_what_cannot_be_asked_for_is_refused(api: Running, stack: Stack, body: dict[str, Any]) -> None:
    assert (await ask(api, stack, status=422, **body))["error"]["code"] == "invalid"


async def test_the_command_redrives_and_says_what_became_of_it(stack: Stack, api: Running, serve: Serve) -> None:
    app = Typer()
    app.command()(redrive)
    async with serve(stack.app()) as url:
        environment = stack.environment(url, "operator")

        async def command(*arguments: str) -> str:
            done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=environment)
            assert done.exit_code == 0, done.output
            return done.output

        assert "6 rows of 3 messages" in await command("--dry-run")
        said = await command("--org", ORG_B, "--from", "2026-11-20", "--to", "2026-11-20", "--no-wait")
        assert "1 rows of 1 messages" in said
        assert "已发送 sent" in said
