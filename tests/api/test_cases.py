"""Cases over the API: who may see and do what, that it is written down, and that it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from clickhouse.orgs import Org, OrgStore
from sanjian.errors import NotNow
from streams.cases.cases import Cases
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.streams.cases.build import gap, rate

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """The API at noon, with a gap of one hospital and a rate of another."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "甲医院"), Org(ORG_B, "乙医院")])
    Cases(stack.clickhouse, lambda notices, now: None).apply([gap(org=ORG_A), rate(org=ORG_B)], (), NOW)
    async with running(stack.app(now=lambda: NOW + timedelta(minutes=5))) as found:
        yield found


async def listed(api: Running, stack: Stack, who: str = "operator", **wanted: str) -> list[dict[str, Any]]:
    answer = await api.client.get("/api/v1/cases", params=wanted, headers=stack.headers(who))
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["cases"])
    found: list[dict[str, Any]] = answer.json()["cases"]
    return found


async def case_of(api: Running, stack: Stack, kind: str) -> str:
    [case] = await listed(api, stack, kind=kind)
    return str(case["id"])


async def act(
    api: Running, stack: Stack, who: str, ident: str, action: str, **body: Any
) -> httpx.Response:  # fmt: skip
    return await api.client.post(f"/api/v1/cases/{ident}/{action}", json=body, headers=stack.headers(who))


def log(stack: Stack) -> list[tuple[str, str]]:
    rows = stack.clickhouse.rows("SELECT actor, action FROM audit_log ORDER BY at, id")
    return [(row["actor"], row["action"]) for row in rows]


async def test_cases_are_listed_with_name_measure_and_what_to_do(api: Running, stack: Stack) -> None:
    [case] = await listed(api, stack, kind="anomaly_rate")
    assert (case["org"], case["org_name"], case["state"], case["severity"]) == (ORG_B, "乙医院", "open", "warning")
    assert case["measure"] == {"numerator": 60.0, "denominator": 1000.0, "threshold": 0.05, "baseline": 0.01}
    assert (case["biz_date"], case["opened_at"]) == ("2026-11-20", "2026-11-21T12:00:00.000+08:00")
    assert (case["fix_zh"], case["details"]) == ("查看问题明细", {"rules": ["SF-W-YLJGDM"]})


async def test_a_hospital_sees_its_own_cases_only(api: Running, stack: Stack) -> None:
    assert [case["kind"] for case in await listed(api, stack, "a")] == ["gap"]
    assert [case["kind"] for case in await listed(api, stack, "b")] == ["anomaly_rate"]
    assert len(await listed(api, stack)) == 2
    other = await api.client.get("/api/v1/cases", params={"org": ORG_B}, headers=stack.headers("a"))
    assert (other.status_code, other.json()["error"]["code"]) == (403, "other_org")
    ident = await case_of(api, stack, "anomaly_rate")
    one = await api.client.get(f"/api/v1/cases/{ident}", headers=stack.headers("a"))
    assert (one.status_code, one.json()["error"]["code"]) == (404, "unknown_case")
    assert (await act(api, stack, "a", ident, "acknowledge")).status_code == 404
    assert log(stack) == []


async def test_the_list_is_narrowed(api: Running, stack: Stack) -> None:
    assert [case["kind"] for case in await listed(api, stack, severity="critical")] == ["gap"]
    assert [case["kind"] for case in await listed(api, stack, table="tb_mz_sfmxb")] == ["anomaly_rate"]
    assert [case["kind"] for case in await listed(api, stack, org=ORG_A, state="live")] == ["gap"]
    assert await listed(api, stack, state="resolved") == []
    assert len(await listed(api, stack, **{"from": "2026-11-21", "to": "2026-11-21"})) == 2
    assert await listed(api, stack, to="2026-11-20") == await listed(api, stack, **{"from": "2026-11-22"}) == []
    page = await api.client.get("/api/v1/cases", params={"limit": 1}, headers=stack.headers("operator"))
    assert (page.json()["total"], len(page.json()["cases"]), page.json()["next_offset"]) == (2, 1, 1)
    wrong = await api.client.get("/api/v1/cases", params={"kind": "noise"}, headers=stack.headers("operator"))
    assert wrong.status_code == 422


async def test_a_case_tells_who_did_what_when(api: Running, stack: Stack) -> None:
    ident = await case_of(api, stack, "gap")
    assert (await act(api, stack, "a", ident, "acknowledge", note="在查")).json()["state"] == "acknowledged"
    assert (await act(api, stack, "a", ident, "note", note="接口故障")).json()["state"] == "acknowledged"
    until = "2026-11-22T08:00:00"
    snoozed = (await act(api, stack, "operator", ident, "snooze", note="", until=until)).json()
    assert (snoozed["state"], snoozed["snoozed_until"]) == ("snoozed", "2026-11-22T08:00:00.000+08:00")
    done = (await act(api, stack, "operator", ident, "resolve", note="当日停业")).json()
    assert (done["state"], done["actor"], done["firing"]) == ("resolved", "operator:operator", True)
    found = (await api.client.get(f"/api/v1/cases/{ident}", headers=stack.headers("a"))).json()
    assert found["case"] == done | {"actor": "operator:000000", "actions": ["note"]}
    assert [(step["action"], step["actor"], step["note"]) for step in found["steps"]] == [
        ("open", "sanjian", ""),
        ("acknowledge", f"hospital:{ORG_A}", "在查"),
        ("note", f"hospital:{ORG_A}", "接口故障"),
        ("snooze", "operator:000000", ""),
        ("resolve", "operator:000000", "当日停业"),
    ]
    overseen = (await api.client.get(f"/api/v1/cases/{ident}", headers=stack.headers("operator"))).json()
    assert [(one["actor"], one["actor_role"], one["actor_name"]) for one in overseen["steps"]][1:4:2] == [
        ("hospital:hospital a", "hospital", "hospital a"), ("operator:operator", "operator", "operator"),
    ]  # fmt: skip
    assert {step["actor_name"] for step in found["steps"]} == {""}
    assert sorted(log(stack)) == [  # the clock of the test stands
        ("hospital:hospital a", "case.acknowledge"),
        ("hospital:hospital a", "case.note"),
        ("operator:operator", "case.resolve"),
        ("operator:operator", "case.snooze"),
    ]


@pytest.mark.parametrize(("action", "body"), [("snooze", {"until": "2026-11-22T08:00:00"}), ("resolve", {"note": "x"})])
async def test_a_hospital_cannot_silence_what_is_said_about_it(
    api: Running, stack: Stack, action: str, body: dict[str, str]
) -> None:
    answer = await act(api, stack, "a", await case_of(api, stack, "gap"), action, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert log(stack) == []


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("resolve", {}, 422, "invalid"),
        ("resolve", {"note": ""}, 422, "invalid"),
        ("note", {"note": "x" * 501}, 422, "invalid"),
        ("acknowledge", {"colour": "red"}, 422, "invalid"),
        ("snooze", {"until": "2026-11-21T12:00:00+08:00"}, 422, "snooze_until"),
        ("snooze", {"until": "2027-11-21T12:00:00+08:00"}, 422, "snooze_until"),
        ("snooze", {}, 422, "invalid"),
        ("acknowledge", {"version": 7}, 409, "case_changed"),
    ],
)
async def test_what_cannot_be_done_is_said(
    api: Running, stack: Stack, action: str, body: dict[str, Any], status: int, code: str
) -> None:
    ident = await case_of(api, stack, "gap")
    answer = await act(api, stack, "operator", ident, action, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (await listed(api, stack, kind="gap"))[0]["version"] == 1


async def test_what_is_over_is_over(api: Running, stack: Stack) -> None:
    ident = await case_of(api, stack, "gap")
    await act(api, stack, "operator", ident, "resolve", note="停业")
    for action in ("acknowledge", "resolve"):
        answer = await act(api, stack, "operator", ident, action, note="again")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "case_over")
    assert (await act(api, stack, "operator", ident, "note", note="补充说明")).status_code == 200
    unknown = await act(api, stack, "operator", "0" * 20, "note", note="x")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_case")


async def test_without_a_token_there_is_nothing(api: Running, stack: Stack) -> None:
    ident = await case_of(api, stack, "gap")
    for method, url in (("GET", "/api/v1/cases"), ("GET", f"/api/v1/cases/{ident}"),
                        ("POST", f"/api/v1/cases/{ident}/acknowledge")):  # fmt: skip
        assert (await api.client.request(method, url)).status_code == 401


async def published(stack: Stack) -> list[dict[str, Any]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        topic = stack.topics[stack.settings.alerts_topic]
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = [await consumer.getone() for _ in range(sum(ends.values()))]
        return [orjson.loads(one.value) for one in found]
    finally:
        await consumer.stop()


async def test_what_a_person_does_reaches_everybody_who_listens(api: Running, stack: Stack) -> None:
    ident = await case_of(api, stack, "gap")
    await act(api, stack, "operator", ident, "acknowledge", note="在查")
    [notice] = await published(stack)
    assert (notice["id"], notice["kind"], notice["org"]) == (f"{ident}-2", "gap", ORG_A)
    assert (notice["case"]["action"], notice["case"]["actor"], notice["case"]["note"]) == (
        "acknowledge", "operator:000000", "在查",
    )  # fmt: skip
    alerts = (await api.client.get("/api/v1/alerts", headers=stack.headers("a"))).json()["alerts"]
    assert [alert["id"] for alert in alerts] == [f"{ident}-2", f"{ident}-1"]
    [place] = stack.clickhouse.rows("SELECT id, epoch FROM alert_positions")
    assert place == {"id": f"{ident}-2", "epoch": stack.topics[stack.settings.alerts_topic].id}


async def test_while_the_broker_is_away_the_step_counts_and_is_told_by_the_watch(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise NotNow("the broker is away")

    ident = await case_of(api, stack, "gap")
    with monkeypatch.context() as broken:
        broken.setattr(api.parts.producer, "publish", away)
        assert (await act(api, stack, "operator", ident, "acknowledge")).json()["state"] == "acknowledged"
    told: list[str] = []
    watch = Cases(stack.clickhouse, lambda notices, now: told.extend(notice.id for notice in notices))
    watch.apply([gap(org=ORG_A), rate(org=ORG_B)], (), NOW + timedelta(minutes=6))
    assert told == [f"{ident}-2"]
