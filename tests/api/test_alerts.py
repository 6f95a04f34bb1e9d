"""WS /api/v1/alerts: each institution its own, nothing missed, nobody waits for a slow client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.hub import BEHIND, AlertHub
from api.routes import alerts as route
from sanjian.broker import EmbeddedBroker
from sanjian.settings import Settings
from streams.producer import Producer
from streams.topics import ensure_topics
from tests.api.conftest import ORG_A, ORG_B, Running, Serve, Stack, until
from tests.api.landed import alert, alerts

pytestmark = pytest.mark.stack


@asynccontextmanager
async def producing(bootstrap: list[str]) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def publish(producer: AIOKafkaProducer, stack: Stack, *payloads: dict[str, Any]) -> None:
    for one in payloads:
        await producer.send_and_wait(stack.settings.alerts_topic, orjson.dumps(one), key=one["org"].encode() or None)


def stream(url: str, stack: Stack, who: str = "a", query: str = "") -> connect:
    return connect(f"{url.replace('http', 'ws')}/api/v1/alerts{query}", additional_headers=stack.headers(who))


async def hear(socket: ClientConnection, kind: str = "rejection") -> dict[str, Any]:
    """The next message of this kind."""
    async with asyncio.timeout(20):
        while True:
            said: dict[str, Any] = orjson.loads(await socket.recv())
            if said["kind"] == kind:
                return said


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """The closing code and reason."""
    async with asyncio.timeout(20):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as error:
            return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")


async def test_a_hospital_hears_only_its_own_alerts_and_an_operator_all(stack: Stack, serve: Serve) -> None:
    async with (
        serve(stack.app()) as url,
        producing(stack.bootstrap) as producer,
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
        await publish(producer, stack, first, second, nobody, *last)
        assert [await hear(a), await hear(a)] == [first, last[0]]
        assert [await hear(b), await hear(b)] == [second, last[1]]
        assert [await hear(only_b), await hear(only_b)] == [second, last[1]]
        assert [await hear(all_) for _ in range(5)] == [first, second, nobody, *last]


async def test_a_browser_shows_its_token_in_the_first_message(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url, connect(f"{url.replace('http', 'ws')}/api/v1/alerts") as socket:
        await socket.send(orjson.dumps({"token": stack.tokens["a"]}).decode())
        assert (await hear(socket, "hello"))["org"] == ORG_A


@pytest.mark.parametrize("first", ['{"token": "sj_wrong"}', "{}", "hello", "[]", '{"token": 5}'])
async def test_a_wrong_first_message_is_refused(stack: Stack, serve: Serve, first: str) -> None:
    async with serve(stack.app()) as url, connect(f"{url.replace('http', 'ws')}/api/v1/alerts") as socket:
        await socket.send(first)
        assert (await closed(socket))[0] == 4401


async def test_silence_a_token_in_the_url_and_another_institution_are_refused(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "TOKEN_SECONDS", 0.05)
    async with serve(stack.app()) as url:
        address = f"{url.replace('http', 'ws')}/api/v1/alerts"
        async with connect(address) as silent, connect(f"{address}?token={stack.tokens['a']}") as in_url:
            assert (await closed(silent))[0] == 4401
            assert await closed(in_url) == (4401, "token_in_url")
        async with stream(url, stack, "a", f"?org={ORG_B}") as other:
            assert await closed(other) == (4403, "other_org")


async def test_a_slow_client_is_closed_with_a_reason_and_the_others_go_on(stack: Stack, serve: Serve) -> None:
    app = stack.app()
    async with serve(app) as url, producing(stack.bootstrap) as producer, stream(url, stack) as slow:
        await hear(slow, "hello")
        [behind] = app.state.services.hub._clients
        async with stream(url, stack) as quick:
            await hear(quick, "hello")
            for _ in range(BEHIND + 1):  # in one go: nothing is sent in between
                behind.offer(ORG_A, orjson.dumps(alert(0)).decode())
            assert await closed(slow) == (1013, "too_slow")
            await publish(producer, stack, alert(1))
            assert (await hear(quick))["id"] == "alert-1"
        assert behind not in app.state.services.hub._clients


async def test_a_token_taken_back_ends_the_stream(stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "HEARTBEAT_SECONDS", 0.05)
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        assert (await hear(socket, "heartbeat"))["live"] is True
        stack.settings.tokens_path.write_text("[]")
        assert await closed(socket) == (4401, "bad_token")


async def test_a_client_that_leaves_is_forgotten(stack: Stack, serve: Serve) -> None:
    app = stack.app()
    async with serve(app) as url:
        async with stream(url, stack) as socket:
            await hear(socket, "hello")
            assert len(app.state.services.hub._clients) == 1
        await until(lambda: not app.state.services.hub._clients)


async def test_the_hub_survives_a_broker_that_dies_and_counts_anew(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with EmbeddedBroker(tmp_path / "log") as broker:
        topics = ensure_topics(settings, [broker.bootstrap])
        hub = AlertHub([broker.bootstrap], topics[settings.alerts_topic])
        async with hub.running(), asyncio.timeout(60):
            with hub.listen("") as client:
                await hub.live.wait()
                async with producing([broker.bootstrap]) as producer:
                    for number in range(3):
                        await producer.send_and_wait(settings.alerts_topic, b"before %d" % number)
                assert [await client.alerts.get() for _ in range(3)] == ["before 0", "before 1", "before 2"]
                broker.stop()
                broker.start()
                ensure_topics(settings, [broker.bootstrap])
                async with producing([broker.bootstrap]) as producer:
                    await producer.send_and_wait(settings.alerts_topic, b"after")
                assert await client.alerts.get() == "after"


async def test_alerts_that_were_published_together_are_given_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.hub.LOOK_SECONDS", 0.1)  # it looks often whether the broker counts anew
    settings = Settings(data_dir=tmp_path)
    with EmbeddedBroker(tmp_path / "log") as broker:
        topics = ensure_topics(settings, [broker.bootstrap])
        hub = AlertHub([broker.bootstrap], topics[settings.alerts_topic])
        producer = Producer([broker.bootstrap], idempotent=False, max_bytes=1 << 20)
        async with hub.running(), asyncio.timeout(60):
            with hub.listen("") as client:
                await hub.live.wait()
                for start in (0, 5):
                    together = [("", b"%d" % number, []) for number in range(start, start + 5)]
                    await producer.publish(settings.alerts_topic, together)
                    await asyncio.sleep(1.5)
                given = [client.alerts.get_nowait() for _ in range(client.alerts.qsize())]
        await producer.close()
    assert given == [str(number) for number in range(10)]


async def test_the_hub_starts_before_the_broker(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    broker = EmbeddedBroker(tmp_path / "log")
    with broker:
        topics = ensure_topics(settings, [broker.bootstrap])
    hub = AlertHub([broker.bootstrap], topics[settings.alerts_topic])
    async with hub.running(), asyncio.timeout(60):
        assert await hub.offsets(topics[settings.changes_topic]) is None
        with broker:
            ensure_topics(settings, [broker.bootstrap])
            await hub.live.wait()
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
