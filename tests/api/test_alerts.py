"""WS /api/v1/alerts: each institution its own, nothing missed, nobody waits for a slow client."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest
from websockets.asyncio.client import connect

from api.accounts.principal import Assignment
from api.accounts.standing import Standing
from api.hub import AlertHub
from clickhouse.orgs import Org, OrgStore
from sanjian.broker import EmbeddedBroker
from sanjian.errors import NotNow
from sanjian.settings import Settings
from streams.topics import ensure_topics
from tests.api.conftest import ORG_A, ORG_B, TESTS, Running, Serve, Stack, until
from tests.api.landed import NOW, alert, alerts
from tests.api.streaming import closed, hear, plain, publish, raw, several, stream

pytestmark = pytest.mark.stack


async def test_a_hospital_hears_only_its_own_alerts_and_an_operator_all(stack: Stack, serve: Serve) -> None:
    async with (
        serve(stack.app()) as url,
        stream(url, stack) as a,
        stream(url, stack, "b") as b,
        stream(url, stack, "operator") as all_,
        stream(url, stack, "admin", f"?org={ORG_B}") as only_b,
    ):
        for socket in (a, b, all_, only_b):
            assert (await hear(socket, "hello"))["live"] is True
        first, second = alert(1, ORG_A), alert(2, ORG_B)
        nobody = alert(3, "")
        last = [alert(4, ORG_A), alert(5, ORG_B)]
        await publish(stack, first, second, nobody, *last)
        assert [plain(said) for said in await several(a, 2)] == [first, last[0]]
        assert [plain(said) for said in await several(b, 2)] == [second, last[1]]
        assert [plain(said) for said in await several(only_b, 2)] == [second, last[1]]
        assert [plain(said) for said in await several(all_, 5)] == [first, second, nobody, *last]


async def test_no_or_a_wrong_token_one_in_the_url_and_another_institution_are_refused(
    stack: Stack, serve: Serve
) -> None:
    async with serve(stack.app()) as url:
        address = f"{url.replace('http', 'ws')}/api/v1/alerts"
        wrong = {"Authorization": "Bearer sj_wrong"}
        async with connect(address) as silent, connect(address, additional_headers=wrong) as other:
            assert await closed(silent) == (4401, "no_token")
            assert await closed(other) == (4401, "bad_token")
        async with connect(f"{address}?token={stack.tokens['a']}") as in_url:
            assert await closed(in_url) == (4400, "token_in_url")
        async with stream(url, stack, "a", f"?org={ORG_B}") as other:
            assert await closed(other) == (4403, "other_org")


async def test_somebody_of_a_region_hears_its_institutions_whichever_are_there_now(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)
    orgs, app = OrgStore(stack.clickhouse), stack.app()
    orgs.save([Org(ORG_A, "A", "370100", "370112"), Org(ORG_B, "B", "370200")])
    stack.machine("city", Assignment("regulator", scope="370100"))
    async with serve(app) as url:
        async with stream(url, stack, "city") as socket:
            await hear(socket, "hello")
            await publish(stack, alert(1, ORG_A), alert(2, ORG_B), alert(3, ""), alert(4, ORG_A))
            got = await several(socket, 2)
            assert [said["id"] for said in got] == ["alert-1", "alert-4"]
            orgs.save([Org(ORG_A, "A", "370200"), Org(ORG_B, "B", "370100")])
            app.state.services.directory.forget()
            assert await closed(socket, got) == (1012, "resume")
        app.state.services.hub.ring.begin(app.state.services.hub.ring.epoch, {0: 4, 1: 0})  # from ClickHouse, too
        async with stream(url, stack, "city", f"?cursor={got[1]['cursor']}") as socket:
            await hear(socket, "hello")
            await publish(stack, alert(5, ORG_A), alert(6, ORG_B))
            assert (await hear(socket))["id"] == "alert-6"


async def test_a_token_taken_back_ends_the_stream(stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        assert (await hear(socket, "heartbeat"))["live"] is True
        stack.accounts.clients.revoke(TESTS, stack.clients["a"])
        assert await closed(socket) == (4401, "bad_token")


async def test_while_the_accounts_are_away_nobody_is_sent_away(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        await hear(socket, "hello")

        def away() -> None:
            raise NotNow("away")

        monkeypatch.setattr(stack.accounts.database, "reading", away)
        await several(socket, 3, "heartbeat")


async def test_a_machine_of_another_institution_by_now_needs_a_new_token(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        await hear(socket, "heartbeat")
        stack.accounts.clients.renew(TESTS, "hospital a", Assignment("hospital", ORG_B))
        assert await closed(socket) == (4401, "bad_token")


async def test_other_machines_may_come_and_go(stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        stack.machine("another", Assignment("hospital", ORG_B))
        stack.accounts.clients.revoke(TESTS, stack.clients["b"])
        await several(socket, 3, "heartbeat")
        await publish(stack, alert(1))
        assert (await hear(socket))["id"] == "alert-1"


async def test_a_client_that_leaves_is_forgotten(stack: Stack, serve: Serve) -> None:
    app = stack.app()
    async with serve(app) as url:
        async with stream(url, stack) as socket:
            await hear(socket, "hello")
            assert len(app.state.services.hub.clients) == 1
        await until(lambda: not len(app.state.services.hub.clients))


async def test_what_a_client_says_changes_nothing(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        await hear(socket, "hello")
        for number in range(3):
            await socket.send('{"token": "sj_wrong"}' * 100)
            await publish(stack, alert(number))
            assert (await hear(socket))["id"] == f"alert-{number}"


async def test_a_record_that_is_no_alert_is_passed_over(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url, stream(url, stack, "operator") as socket:
        await hear(socket, "hello")
        await raw(stack, b"hello", b"", b"[]", b"{}", b'{"id": 5}')
        await publish(stack, alert(1))
        async with asyncio.timeout(20):
            said = orjson.loads(await socket.recv())
        assert (said["id"], said["position"]) == ("alert-1", "0:5")


async def test_alerts_that_were_published_together_are_given_once(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.hub.LOOK_SECONDS", 0.1)  # it looks often whether the topic is still the same
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        await hear(socket, "hello")
        for start in (0, 5):
            await publish(stack, *(alert(number) for number in range(start, start + 5)))
            await asyncio.sleep(1.0)
        await publish(stack, alert(10))
        assert [said["id"] for said in await several(socket, 11)] == [f"alert-{number}" for number in range(11)]


async def test_the_hub_starts_before_the_broker(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    broker = EmbeddedBroker(tmp_path / "log")
    with broker:
        topics = ensure_topics(settings, [broker.bootstrap])
    hub = AlertHub([broker.bootstrap], topics[settings.alerts_topic], lambda _: Standing(frozenset(), {}), lambda: NOW)
    async with hub.running(), asyncio.timeout(60):
        assert await hub.offsets(topics[settings.changes_topic]) is None
        with broker:
            ensure_topics(settings, [broker.bootstrap])
            await hub.ready.wait()
            ends = await hub.offsets(topics[settings.changes_topic])
            assert ends == dict.fromkeys(range(settings.partitions), (0, 0))


async def test_the_last_alerts_are_listed_each_institution_its_own(api: Running, stack: Stack) -> None:
    own = [alert(number, ORG_A) for number in range(3)]
    alerts(stack.clickhouse, *own, alert(9, ORG_B))
    url = "/api/v1/alerts?since=2026-11-21T12:00:01"

    async def ids(who: str, query: str = "") -> list[str]:
        answer = await api.client.get(url + query, headers=stack.headers(who))
        return [one["id"] for one in answer.json()["alerts"]]

    assert await ids("a") == ["alert-2", "alert-1"]
    assert await ids("b") == ["alert-9"]
    assert await ids("operator") == ["alert-9", "alert-2", "alert-1"]
    assert await ids("operator", f"&org={ORG_A}&limit=1") == ["alert-2"]
    refused = await api.client.get(f"/api/v1/alerts?org={ORG_B}", headers=stack.headers("a"))
    assert refused.status_code == 403
