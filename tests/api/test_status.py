"""Totals, lag, health and metrics: progress, not ports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.ports import Ports, WorkerState
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from sanjian.errors import NotNow
from tests.api.conftest import NDJSON, ORG_A, ORG_B, Running, Stack, running
from tests.api.landed import NOW, TABLE, alert, alerts, ledger

pytestmark = pytest.mark.stack


async def test_status_counts_since_the_beginning_and_today_in_shanghai(stack: Stack) -> None:
    midnight = NOW - timedelta(hours=12)
    ledger(stack.clickhouse, offset=1, received=10, accepted=7, rejected=2, unreadable=1, flagged=3, findings=5)
    ledger(stack.clickhouse, offset=2, arrived_at=midnight, landed_at=midnight)
    ledger(stack.clickhouse, offset=3, arrived_at=midnight - timedelta(milliseconds=1))
    ledger(stack.clickhouse, offset=3, arrived_at=midnight - timedelta(milliseconds=1))  # landed twice, counted once
    alerts(stack.clickhouse, alert(1))
    async with running(stack.app(now=lambda: NOW)) as api:
        said = (await api.client.get("/api/v1/status", headers=stack.headers())).json()
    assert said["total"] == {
        "received": 30, "accepted": 27, "rejected": 2, "flagged": 3, "unreadable": 1, "findings": 5, "repeated": 0,
        "alerts": 1,
    }  # fmt: skip
    assert (said["today"]["received"], said["today"]["alerts"]) == (20, 1)
    assert said["broker"]["embedded"] is True
    assert said["clickhouse"]["answers"] is True


async def test_lag_is_what_the_broker_has_and_the_ledger_lacks(stack: Stack) -> None:
    async with running(stack.app()) as api:
        for batch in ("b1", "b2", "b3"):
            headers = stack.headers() | NDJSON | {"X-Sanjian-Batch": batch}
            await api.client.post(f"/api/v1/changes/{TABLE}", content=b"{}", headers=headers)
        [place] = stack.clickhouse.rows("SELECT DISTINCT partition FROM uploads FINAL")
    ledger(stack.clickhouse, topic_id=stack.changes.id, partition=place["partition"], offset=0)
    ledger(stack.clickhouse, topic_id="an-older-topic", partition=place["partition"], offset=99)
    async with running(stack.app()) as api:
        await api.parts.hub.live.wait()
        said = (await api.client.get("/api/v1/status", headers=stack.headers())).json()
    by_partition = {one["partition"]: one for one in said["partitions"]}
    assert by_partition.pop(place["partition"]) == {
        "partition": place["partition"], "newest_offset": 2, "ledger_offset": 0, "lag": 2,
    }  # fmt: skip
    assert all((one["newest_offset"], one["lag"]) == (None, 0) for one in by_partition.values())
    assert said["lag"] == 2


async def test_ready_means_that_everything_progresses(stack: Stack) -> None:
    state = WorkerState(running=True, progressing=True)
    async with running(stack.app(ports=Ports(worker=lambda: state))) as api:
        await api.parts.hub.live.wait()
        assert (await api.client.get("/health/live")).status_code == 200
        assert (await api.client.get("/health/ready")).json()["ready"] is True
        state = WorkerState(running=True, progressing=False, detail="ClickHouse is away")
        stuck = await api.client.get("/health/ready")
        assert (stuck.status_code, stuck.json()["checks"]["worker"], stuck.json()["detail"]) == (
            503,
            False,
            state.detail,
        )


async def test_while_clickhouse_is_away_the_last_totals_stay_and_ready_says_no(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger(stack.clickhouse)
    async with running(stack.app()) as api:
        assert (await api.client.get("/api/v1/status", headers=stack.headers())).json()["total"]["received"] == 10

        def away(*_: object) -> None:
            raise NotNow("ClickHouse is away")

        monkeypatch.setattr(stack.clickhouse, "query", away)
        api.parts.snapshot._standing._good_until = 0.0
        api.parts.snapshot._orgs._good_until = 0.0
        api.parts.snapshot._progress._good_until = 0.0
        said = (await api.client.get("/api/v1/status", headers=stack.headers())).json()
        assert (said["total"]["received"], said["clickhouse"]["answers"], said["lag"]) == (10, False, None)
        assert (await api.client.get("/health/ready")).status_code == 503
        assert (await api.client.get("/api/v1/findings", headers=stack.headers())).status_code == 503


async def test_many_who_look_at_once_ask_the_database_once(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = ClickHouse.rows

    def counted(self: ClickHouse, sql: str, *more: Any) -> list[dict[str, Any]]:
        asked.append(sql)
        return real(self, sql, *more)

    monkeypatch.setattr(ClickHouse, "rows", counted)
    async with running(stack.app()) as api:
        await api.parts.snapshot.standing()
        before = len(asked)
        api.parts.snapshot._standing._good_until += 60
        for _ in range(5):
            await api.parts.snapshot.standing()
    assert (before > 0, len(asked)) == (True, before)


async def test_institutions_totals_are_each_ones_own(api: Running, stack: Stack) -> None:
    ledger(stack.clickhouse)
    ledger(stack.clickhouse, org=ORG_B, offset=1, received=5)

    async def totals(who: str) -> dict[str, int]:
        answer = await api.client.get("/api/v1/orgs/totals", headers=stack.headers(who))
        return {one["org"]: one["received"] for one in answer.json()["orgs"]}

    assert await totals("a") == {ORG_A: 10}
    assert await totals("b") == {ORG_B: 5}
    assert await totals("operator") == {ORG_A: 10, ORG_B: 5}


async def test_test_institutions_are_in_no_total_and_listed_only_when_asked_for(stack: Stack) -> None:
    OrgStore(stack.clickhouse).save([Org(ORG_A, "Hospital A"), Org(ORG_B, "Test hospital", test=True)])
    ledger(stack.clickhouse)
    ledger(stack.clickhouse, org=ORG_B, offset=1, received=5, accepted=5)
    ledger(stack.clickhouse, org="", offset=2, received=1, accepted=0, unreadable=1)
    alerts(stack.clickhouse, alert(1), alert(2, org=ORG_B))
    async with running(stack.app(now=lambda: NOW + timedelta(minutes=1))) as api:
        said = (await api.client.get("/api/v1/status", headers=stack.headers())).json()
        listed = {}
        for who, asked in (("operator", ""), ("operator", "?test=true"), ("b", "")):
            answer = await api.client.get(f"/api/v1/orgs/totals{asked}", headers=stack.headers(who))
            listed[who, asked] = [one["org"] for one in answer.json()["orgs"]]
    for count, value in (("received", 11), ("accepted", 10), ("unreadable", 1), ("alerts", 1)):
        assert (said["total"][count], said["today"][count]) == (value, value)
    assert listed["operator", ""] == [ORG_A, ""]
    assert listed["operator", "?test=true"] == [ORG_A, "", ORG_B]
    assert listed["b", ""] == [ORG_B]


async def test_metrics_name_no_institution_and_every_one_has_a_meaning(stack: Stack) -> None:
    ledger(stack.clickhouse)
    async with running(stack.app(ports=Ports(broker_memory=lambda: 4096))) as api:
        await api.client.get("/api/v1/receipts/secret-receipt", headers=stack.headers())
        text = (await api.client.get("/metrics")).text
    families = {one.name: one for one in text_string_to_metric_families(text)}
    assert families["sanjian_broker_memory_bytes"].samples[0].value == 4096
    assert all(one.documentation for one in families.values())
    assert ORG_A not in text
    assert "secret-receipt" not in text
