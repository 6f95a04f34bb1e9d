"""POST /api/v1/changes/{table}: one message in the broker for one batch, and nothing acknowledged before that."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.accounts.principal import Assignment
from api.ports import Ports
from api.routes import changes
from sanjian.errors import NotNow
from streams.producer import Sent
from tests.api.conftest import NDJSON, ORG_A, ORG_B, Running, Stack, running
from tests.api.landed import ledger

pytestmark = pytest.mark.stack
URL = "/api/v1/changes/TB_MZ_SFMXB"
ROWS = b'{"SFMXID":"1","DJ":1.10}\n{"SFMXID":"2"}\n'


async def messages(stack: Stack) -> list[Any]:
    """Everything in his.changes."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        places = [TopicPartition(stack.changes.name, number) for number in range(stack.changes.partitions)]
        consumer.assign(places)
        left = sum((await consumer.end_offsets(places)).values())
        return [await consumer.getone() for _ in range(left)]
    finally:
        await consumer.stop()


async def send(api: Running, stack: Stack, body: bytes = ROWS, who: str = "a", **headers: str) -> httpx.Response:
    given = NDJSON | {"X-Sanjian-Batch": "b1"} | {f"X-Sanjian-{k.replace('_', '-')}": v for k, v in headers.items()}
    return await api.client.post(URL, content=body, headers=stack.headers(who) | given)


async def test_a_batch_is_in_the_broker_when_it_is_acknowledged(api: Running, stack: Stack) -> None:
    answer = await send(api, stack, Sent_At="2026-11-21T08:00:00")
    assert answer.status_code == 202
    said = answer.json()
    assert (said["rows"], said["org"], said["state"], said["repeated"]) == (2, ORG_A, "queued", False)
    assert said["status_url"] == f"/api/v1/receipts/{said['receipt_id']}"
    [message] = await messages(stack)
    assert message.key == ORG_A.encode()
    head, *rows = message.value.split(b"\n")
    assert orjson.loads(head) == {
        "sanjian": 1, "org": ORG_A, "table": "TB_MZ_SFMXB", "batch": "b1", "op": "upsert",
        "sent_at": "2026-11-21T08:00:00.000+08:00", "count": 2,
    }  # fmt: skip
    assert rows == ROWS.splitlines()


async def test_array_gzip_and_lower_case_table_names_are_taken(api: Running, stack: Stack) -> None:
    headers = stack.headers() | {
        "Content-Type": "application/json; charset=utf-8", "Content-Encoding": "gzip", "X-Sanjian-Batch": "b2",
    }  # fmt: skip
    body = gzip.compress(b'[{"SFMXID":"1","DJ":1.10},\n{"SFMXID":"2"}]')
    answer = await api.client.post("/api/v1/changes/tb_mz_sfmxb", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    [message] = await messages(stack)
    assert message.value.split(b"\n")[1:] == ROWS.splitlines()


async def test_the_same_batch_again_gets_the_same_receipt_and_sends_nothing(api: Running, stack: Stack) -> None:
    first, again = await send(api, stack), await send(api, stack, Sent_At="2026-11-20T08:00:00")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() | {"repeated": True} == again.json()
    assert len(await messages(stack)) == 1


async def test_the_same_batch_at_the_same_moment_is_sent_once(api: Running, stack: Stack) -> None:
    answers = await asyncio.gather(*(send(api, stack) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 202]
    assert len(await messages(stack)) == 1


async def test_other_content_under_the_same_batch_id_is_a_conflict(api: Running, stack: Stack) -> None:
    await send(api, stack)
    assert (await send(api, stack, b'{"SFMXID":"3"}')).json()["error"]["code"] == "batch_conflict"
    assert (await send(api, stack, Op="delete")).status_code == 409
    assert len(await messages(stack)) == 1


async def test_two_institutions_may_use_the_same_batch_id(api: Running, stack: Stack) -> None:
    answers = [await send(api, stack, who="a"), await send(api, stack, who="b")]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert {message.key for message in await messages(stack)} == {ORG_A.encode(), ORG_B.encode()}


async def test_a_crash_between_taken_and_queued_is_completed_by_a_repetition_with_identical_bytes(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    real = api.parts.producer.send

    async def breaks(topic: str, key: bytes, value: bytes) -> Sent:
        sent.append(value)
        raise NotNow("the broker is away")

    with monkeypatch.context() as broken:
        broken.setattr(api.parts.producer, "send", breaks)
        refused = await send(api, stack)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert await messages(stack) == []
    receipts = await api.parts.uploads.find(ORG_A, _receipt_id(stack))
    assert receipts is not None
    assert receipts.state == "taken"
    assert (await send(api, stack)).status_code == 202
    [message] = await messages(stack)
    assert message.value == sent[0]
    assert api.parts.producer.send == real


def _receipt_id(stack: Stack) -> str:
    rows = stack.clickhouse.rows("SELECT receipt_id FROM uploads")
    return str(rows[0]["receipt_id"])


async def test_nothing_is_produced_while_clickhouse_is_away(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise NotNow("ClickHouse is away")

    with monkeypatch.context() as broken:
        broken.setattr(api.parts.clickhouse, "insert", away)
        assert (await send(api, stack)).status_code == 503
    assert await messages(stack) == []
    assert (await send(api, stack)).status_code == 202


async def test_a_batch_in_the_broker_is_acknowledged_even_if_that_cannot_be_written_down(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = stack.clickhouse.insert, []

    def second_fails(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise NotNow("ClickHouse is away")
        real(*given)

    monkeypatch.setattr(stack.clickhouse, "insert", second_fails)
    assert (await send(api, stack)).status_code == 202
    assert (await send(api, stack)).status_code == 202  # the repetition: identical bytes
    first, again = await messages(stack)
    assert first.value == again.value


async def test_a_batch_that_a_memory_broker_lost_is_sent_again_unless_it_was_landed(stack: Stack) -> None:
    async with running(stack.app()) as api:
        await send(api, stack)
    changes_topic = stack.topics[stack.settings.changes_topic]
    stack.topics[changes_topic.name] = type(changes_topic)(changes_topic.name, "another-id", changes_topic.partitions)
    async with running(stack.app()) as api:
        receipt = await api.client.get(f"/api/v1/receipts/{_receipt_id(stack)}", headers=stack.headers())
        assert receipt.json()["state"] == "lost"
        assert (await send(api, stack)).status_code == 202
        assert len(await messages(stack)) == 2
    stack.topics[changes_topic.name] = type(changes_topic)(changes_topic.name, "a-third-id", changes_topic.partitions)
    ledger(stack.clickhouse, batch="b1", received=2, accepted=2)
    async with running(stack.app()) as api:
        assert (await send(api, stack)).status_code == 200
        assert len(await messages(stack)) == 2


async def test_an_honest_empty_day_is_taken_and_an_empty_body_is_not(api: Running, stack: Stack) -> None:
    assert (await send(api, stack, b"\n")).json()["error"]["code"] == "empty"
    assert (await send(api, stack, b"", Biz_Date="2026-11-20")).status_code == 202
    [message] = await messages(stack)
    assert orjson.loads(message.value)["biz_date"] == "2026-11-20"


async def test_more_than_a_message_holds_is_refused(api: Running, stack: Stack) -> None:
    row = b'{"SFMXID":"%s"}\n' % (b"1" * 1000)
    for body in (row * 70, row * 64 + b'{"A":"' + b"1" * 560 + b'"}'):  # the second fits, but not with its header line
        answer = await send(api, stack, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    bomb = gzip.compress(b" " * 10_000_000)
    headers = stack.headers() | NDJSON | {"X-Sanjian-Batch": "b1", "Content-Encoding": "gzip"}
    assert (await api.client.post(URL, content=bomb, headers=headers)).status_code == 413
    assert await messages(stack) == []


@pytest.mark.parametrize(
    ("url", "body", "headers", "status", "code"),
    [
        ("/api/v1/changes/TB_NOTHING", ROWS, {}, 404, "unknown_table"),
        (URL, ROWS, {"X-Sanjian-Batch": ""}, 400, "batch_header"),
        (URL, ROWS, {"X-Sanjian-Op": "merge"}, 400, "op_header"),
        (URL, ROWS, {"X-Sanjian-Sent-At": "soon"}, 400, "sent_at_header"),
        (URL, ROWS, {"Content-Type": "text/csv"}, 415, "content_type"),
        (URL, ROWS, {"Content-Encoding": "br"}, 415, "content_encoding"),
        (URL, ROWS, {"Content-Encoding": "gzip"}, 400, "bad_gzip"),
        (URL, b'{"A":1}\n{"A"\n', {}, 400, "bad_rows"),
        (URL, b'{"A":"\xff"}', {}, 400, "bad_encoding"),
        (URL, b"", {}, 400, "empty"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_a_reason(
    api: Running, stack: Stack, url: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    given = stack.headers() | NDJSON | {"X-Sanjian-Batch": "b1"} | headers
    answer = await api.client.post(url, content=body, headers=given)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["message_zh"]
    assert error["message_en"]
    assert error["hint"]
    if code in ("bad_rows", "bad_encoding"):
        assert error["line"] == (2 if code == "bad_rows" else 1)


async def test_only_a_hospital_sends(api: Running, stack: Stack) -> None:
    for who in ("admin", "operator"):
        assert (await send(api, stack, who=who)).json()["error"]["code"] == "forbidden"
    stack.machine("tester", Assignment("tester"))
    assert (await send(api, stack, who="tester")).json()["error"]["code"] == "no_org"
    unknown = await api.client.post(URL, content=ROWS, headers=NDJSON | {"Authorization": "Bearer sj_wrong"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (401, "bad_token")
    assert unknown.headers["www-authenticate"] == "Bearer"
    in_url = await api.client.post(f"{URL}?token={stack.tokens['a']}", content=ROWS, headers=NDJSON)
    assert in_url.json()["error"]["code"] == "token_in_url"


async def test_too_many_uploads_of_one_institution_wait_and_leave_room_for_others(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        api.parts.places.enter(ORG_A)
    busy = await send(api, stack)
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "1")
    assert (await send(api, stack, who="b")).status_code == 202
    for _ in range(8):
        api.parts.places.leave(ORG_A)
    assert (await send(api, stack)).status_code == 202


async def test_a_bug_is_a_500_in_the_one_shape_and_gives_its_place_back(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    async with running(stack.app(ports=Ports())) as api:
        with monkeypatch.context() as broken:
            broken.setattr(changes, "split_rows", bug)
            for _ in range(9):
                answer = await send(api, stack)
                assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
        assert (await send(api, stack)).status_code == 202
