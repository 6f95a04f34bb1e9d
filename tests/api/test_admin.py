"""Institutions, code maps, the audit and dead letters: for administrators, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from api.ports import Ports
from sanjian.errors import Invalid, NotNow
from tests.api.conftest import ORG_A, Running, Stack, running
from tests.api.landed import NOW

pytestmark = pytest.mark.stack
ORG = {"org": ORG_A, "name": "历城区示范医院", "city": "370100", "county": "370112", "level": 2, "inpatient": True}
MAP = f"/api/v1/codemaps/{ORG_A}/department"


@dataclass(frozen=True)
class Partition:
    topic_id: str = "t1"
    partition: int = 0
    first: int = 0
    end: int = 2000
    missing: Sequence[int] = tuple(range(1500))
    waiting: int = 3


class FakeAuditor:
    def __init__(self) -> None:
        self.repaired = 0

    def audit(self) -> Sequence[Partition]:
        return [Partition()]

    def repair(self) -> Sequence[Partition]:
        self.repaired += 1
        return [Partition(missing=())]


@dataclass(frozen=True)
class Letter:
    topic_id: str = "t1"
    partition: int = 2
    offset: int = 7
    row: int = 0
    org: str = ORG_A
    table: str = ""
    batch: str = ""
    reason: str = "bad_utf8"
    detail: str = "byte 12"
    size: int = 3
    arrived_at: datetime = NOW
    bytes_: bytes = b"\xff\x00{"


class FakeLetters:
    def __init__(self) -> None:
        self.redriven: list[tuple[str, int, int]] = []
        self.asked: dict[str, Any] = {}
        self.failure: Exception | None = None

    def list(self, **asked: Any) -> tuple[int, Sequence[Letter]]:
        self.asked = asked
        return 1, [Letter()]

    def show(self, topic_id: str, partition: int, offset: int) -> Sequence[Letter]:
        return [Letter()] if (topic_id, partition, offset) == ("t1", 2, 7) else []

    def redrive(self, topic_id: str, partition: int, offset: int) -> int:
        if self.failure:
            raise self.failure
        self.redriven.append((topic_id, partition, offset))
        return 58


def log(stack: Stack) -> list[tuple[str, str, str]]:
    rows = stack.clickhouse.rows("SELECT actor, action, target FROM audit_log ORDER BY at, id")
    return [(row["actor"], row["action"], row["target"]) for row in rows]


async def test_an_institution_is_added_changed_and_listed(api: Running, stack: Stack) -> None:
    assert (await api.client.post("/api/v1/orgs", json=ORG, headers=stack.headers("admin"))).status_code == 201
    await api.client.post("/api/v1/orgs", json=ORG | {"level": 3}, headers=stack.headers("admin"))
    [org] = (await api.client.get("/api/v1/orgs", headers=stack.headers("operator"))).json()["orgs"]
    assert (org["org"], org["name"], org["level"], org["inpatient"]) == (ORG_A, ORG["name"], 3, True)
    assert log(stack) == [("admin:admin", "org.save", ORG_A)] * 2


@pytest.mark.parametrize("wrong", [{"org": "short"}, {"name": ""}, {"level": 9}, {"city": "x"}, {"colour": "red"}])
async def test_an_institution_that_cannot_be_is_refused(api: Running, stack: Stack, wrong: dict[str, Any]) -> None:
    answer = await api.client.post("/api/v1/orgs", json=ORG | wrong, headers=stack.headers("admin"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert log(stack) == []


async def published(stack: Stack) -> list[tuple[bytes, dict[str, Any]]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        place = TopicPartition(stack.settings.codemaps_topic, 0)
        consumer.assign([place])
        left = (await consumer.end_offsets([place]))[place]
        found = [await consumer.getone() for _ in range(left)]
        return [(one.key, orjson.loads(one.value)) for one in found]
    finally:
        await consumer.stop()


async def test_a_code_map_is_kept_and_the_whole_of_it_published(api: Running, stack: Stack) -> None:
    for code, standard in (("01", "0304"), ("02", "")):
        body = {"entries": [{"local_code": code, "local_name": "门诊", "standard_code": standard}]}
        answer = await api.client.put(MAP, json=body, headers=stack.headers("admin"))
        assert answer.status_code == 200, answer.text
    assert answer.json() == {"org": ORG_A, "map": "department", "version": 2, "entries": 1}
    (_, first), (key, second) = await published(stack)
    assert (first["version"], len(first["entries"])) == (1, 1)
    assert key == f"{ORG_A}|department".encode()
    assert second == {
        "org": ORG_A, "map": "department", "version": 2,
        "entries": [
            {"local_code": "01", "local_name": "门诊", "standard_code": "0304"},
            {"local_code": "02", "local_name": "门诊"},
        ],
    }  # fmt: skip


async def test_a_map_that_was_kept_but_not_published_is_published_when_sent_again(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise NotNow("the broker is away")

    body = {"entries": [{"local_code": "01", "standard_code": "0304"}]}
    with monkeypatch.context() as broken:
        broken.setattr(api.parts.producer, "send", away)
        assert (await api.client.put(MAP, json=body, headers=stack.headers("admin"))).status_code == 503
    assert (await api.client.put(MAP, json=body, headers=stack.headers("admin"))).status_code == 200
    assert len(await published(stack)) == 1


@pytest.mark.parametrize(
    ("url", "body", "status"),
    [
        (MAP, {"entries": []}, 422),
        (MAP, {"entries": [{"local_code": ""}]}, 422),
        (f"/api/v1/codemaps/{ORG_A}/colours", {"entries": [{"local_code": "1"}]}, 404),
        ("/api/v1/codemaps/short/drug", {"entries": [{"local_code": "1"}]}, 422),
    ],
)
async def test_a_wrong_code_map_is_refused(api: Running, stack: Stack, url: str, body: Any, status: int) -> None:
    assert (await api.client.put(url, json=body, headers=stack.headers("admin"))).status_code == status


async def test_the_audit_lists_what_is_missing_and_repairs_it(stack: Stack) -> None:
    auditor = FakeAuditor()
    async with running(stack.app(ports=Ports(auditor=auditor))) as api:
        found = (await api.client.get("/api/v1/audit", headers=stack.headers("operator"))).json()
        [one] = found["partitions"]
        assert (found["complete"], one["missing_count"], len(one["missing"]), one["waiting"]) == (False, 1500, 1000, 3)
        repaired = await api.client.post("/api/v1/audit/repair", headers=stack.headers("admin"))
        assert repaired.json()["complete"] is True
    assert auditor.repaired == 1
    assert [action for _, action, _ in log(stack)] == ["audit.repair"]


async def test_dead_letters_are_listed_without_and_shown_with_their_bytes(stack: Stack) -> None:
    letters = FakeLetters()
    async with running(stack.app(ports=Ports(dead_letters=letters))) as api:
        url = "/api/v1/deadletters?org=x&table=tb_hzxx&reason=bad_utf8&limit=5&offset=10"
        page = await api.client.get(url, headers=stack.headers("operator"))
        assert letters.asked == {"orgs": {"x"}, "table": "TB_HZXX", "reason": "bad_utf8", "limit": 5, "offset": 10}
        assert "content_base64" not in page.json()["dead_letters"][0]
        assert log(stack) == []
        shown = await api.client.get("/api/v1/deadletters/t1/2/7", headers=stack.headers("admin"))
        assert shown.json()["dead_letters"][0]["content_base64"] == "/wB7"
        assert log(stack) == [("admin:admin", "deadletter.show", "t1/2/7")]
        missing = await api.client.get("/api/v1/deadletters/t1/2/8", headers=stack.headers("admin"))
        assert missing.json()["error"]["code"] == "unknown_dead_letter"


async def test_a_dead_letter_is_redriven_when_it_is_whole(stack: Stack) -> None:
    letters = FakeLetters()
    async with running(stack.app(ports=Ports(dead_letters=letters))) as api:
        url = "/api/v1/deadletters/t1/2/7/redrive"
        done = await api.client.post(url, headers=stack.headers("admin"))
        assert done.json() == {"partition": 2, "offset": 7, "new_offset": 58}
        assert letters.redriven == [("t1", 2, 7)]
        letters.failure = Invalid("cut")
        cut = await api.client.post(url, headers=stack.headers("admin"))
        assert (cut.status_code, cut.json()["error"]["code"], cut.json()["error"]["reason"]) == (
            409,
            "not_whole",
            "cut",
        )


ADMIN = [
    ("POST", "/api/v1/orgs"), ("PUT", MAP), ("POST", "/api/v1/audit/repair"), ("GET", "/api/v1/deadletters/t1/2/7"),
    ("POST", "/api/v1/deadletters/t1/2/7/redrive"),
]  # fmt: skip
OPERATOR = [("GET", "/api/v1/orgs"), ("GET", "/api/v1/audit"), ("GET", "/api/v1/deadletters")]


@pytest.mark.parametrize(("method", "url"), ADMIN + OPERATOR)
async def test_a_hospital_may_do_none_of_this_and_an_operator_may_only_look(
    stack: Stack, method: str, url: str
) -> None:
    async with running(stack.app(ports=Ports(auditor=FakeAuditor(), dead_letters=FakeLetters()))) as api:
        body = ORG if "orgs" in url else {"entries": [{"local_code": "1"}]}
        more: dict[str, Any] = {"json": body} if method in ("POST", "PUT") else {}
        assert (await api.client.request(method, url, headers=stack.headers("a"), **more)).status_code == 403
        operator = await api.client.request(method, url, headers=stack.headers("operator"), **more)
        assert operator.status_code == (403 if (method, url) in ADMIN else 200)
        assert (await api.client.request(method, url, **more)).status_code == 401
    assert log(stack) == []


async def test_what_this_process_does_not_have_is_said(api: Running, stack: Stack) -> None:
    for url in ("/api/v1/audit", "/api/v1/deadletters"):
        answer = await api.client.get(url, headers=stack.headers("admin"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "not_here")
