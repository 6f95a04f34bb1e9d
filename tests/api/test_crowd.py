"""Many clients: limits, who does not keep up, and that nobody waits for anybody."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from sanjian.settings import Settings
from tests.api.conftest import ORG_B, Serve, Stack, until
from tests.api.streaming import closed, hear, publish, raised, several, stream

pytestmark = pytest.mark.stack

LONG = "x" * 40_000


def with_settings(stack: Stack, **changed: Any) -> Stack:
    stack.settings = Settings(**(stack.settings.model_dump() | changed))
    return stack


async def refused(connecting: connect) -> dict[str, Any]:
    """The answer to a handshake that is refused with 429."""
    with pytest.raises(InvalidStatus) as error:
        await connecting
    response = error.value.response
    assert response.status_code == 429
    assert response.headers["Retry-After"]
    found: dict[str, Any] = orjson.loads(response.body)["error"]
    return found


async def test_an_account_has_so_many_connections_and_others_theirs(stack: Stack, serve: Serve) -> None:
    app = with_settings(stack, alert_clients_per_account=2).app()
    async with serve(app) as url, stream(url, stack) as first:
        await hear(first, "hello")
        async with stream(url, stack) as second:
            await hear(second, "hello")
            assert (await refused(stream(url, stack)))["code"] == "too_many_clients"
            async with stream(url, stack, "b") as other:
                await hear(other, "hello")
        await until(lambda: len(app.state.services.hub.clients) == 1)
        async with stream(url, stack) as again:
            await hear(again, "hello")


async def test_all_together_have_so_many_connections(stack: Stack, serve: Serve) -> None:
    app = with_settings(stack, alert_clients=2).app()
    async with serve(app) as url, stream(url, stack) as a:
        await hear(a, "hello")
        async with stream(url, stack) as again:
            await hear(again, "hello")
            assert (await refused(stream(url, stack, "b")))["code"] == "too_many_clients"
        await until(lambda: app.state.services.seats._taken == 1)
        async with stream(url, stack, "b") as b:
            await hear(b, "hello")


async def test_a_refused_token_takes_no_place(stack: Stack, serve: Serve) -> None:
    app = with_settings(stack, alert_clients=1).app()
    async with serve(app) as url:
        for _ in range(3):
            wrong = {"Authorization": "Bearer sj_wrong"}
            async with connect(f"{url.replace('http', 'ws')}/api/v1/alerts", additional_headers=wrong) as socket:
                assert await closed(socket) == (4401, "bad_token")
            await until(lambda: not app.state.services.seats._taken)


async def test_a_slow_client_is_cut_off_resumes_and_lacks_nothing_while_the_others_go_on(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.outlet.GOODBYE_SECONDS", 60.0)  # it reads what is left, in the end
    app = with_settings(stack, alert_buffer_bytes=200_000).app()
    clients = app.state.services.hub.clients
    async with serve(app) as url, stream(url, stack, "b") as quick, stream(url, stack, max_queue=1) as slow:
        got = [await hear(quick, "hello"), await hear(slow, "hello")][1:]
        number = 0
        while len(clients) == 2:  # what the system itself holds for a socket differs
            await publish(stack, *(raised(number + n, more=LONG) for n in range(20)), raised(number + 20, ORG_B))
            number += 21
            assert (await hear(quick))["id"] == f"alert-{number - 1}"
        assert await closed(slow, got) == (1013, "too_slow")
        wanted = {f"alert-{n}" for n in range(number) if n % 21 != 20}
        seen = [one["id"] for one in got if one["kind"] == "rejection"]
        assert set(seen) < wanted
        async with stream(url, stack, query=f"?cursor={got[-1]['cursor']}") as again:
            missed = await several(again, len(wanted) - len(seen))
        assert sorted(seen + [one["id"] for one in missed]) == sorted(wanted)


async def test_a_client_that_is_a_little_behind_gets_all_in_order(stack: Stack, serve: Serve) -> None:
    app = with_settings(stack, alert_buffer_bytes=100_000_000).app()
    async with serve(app) as url, stream(url, stack, max_queue=1) as slow:
        await hear(slow, "hello")
        [client] = app.state.services.hub.clients
        number = 0
        while not client._waiting:
            await publish(stack, *(raised(number + n, more=LONG) for n in range(20)))
            number += 20
            await asyncio.sleep(0.05)
        said = await several(slow, number)
        assert [one["id"] for one in said] == [f"alert-{n}" for n in range(number)]
        assert client._waiting is None
        await publish(stack, raised(number))
        assert (await hear(slow))["id"] == f"alert-{number}"


async def test_a_client_that_does_not_read_at_all_is_given_up(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr("api.live.clients.STALL_SECONDS", 0.3)
    monkeypatch.setattr("api.live.outlet.GOODBYE_SECONDS", 0.1)
    app = with_settings(stack, alert_buffer_bytes=1_000_000_000).app()
    clients = app.state.services.hub.clients
    async with serve(app) as url, stream(url, stack, max_queue=1) as stuck:
        await hear(stuck, "hello")
        [client] = clients
        number = 0
        while client.outlet.paused_at is None and len(clients):  # on a busy machine it is given up meanwhile
            await publish(stack, *(raised(number + n, more=LONG) for n in range(20)))
            number += 20
            await asyncio.sleep(0.05)
        await until(lambda: not len(clients))


async def test_who_comes_back_and_does_not_read_is_given_up_too(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.resume.STALL_SECONDS", 0.3)
    monkeypatch.setattr("api.live.outlet.GOODBYE_SECONDS", 0.1)
    app: FastAPI = stack.app()
    async with serve(app) as url:
        async with stream(url, stack) as socket:
            cursor = (await hear(socket, "hello"))["cursor"]
        for start in range(0, 400, 20):
            await publish(stack, *(raised(start + n, more=LONG) for n in range(20)))
        await until(lambda: app.state.services.hub.ring.next == {0: 400})
        async with stream(url, stack, query=f"?cursor={cursor}", max_queue=1) as stuck:
            await hear(stuck, "hello")
            await until(lambda: not app.state.services.seats._taken)
        async with stream(url, stack, query=f"?cursor={cursor}") as reading:
            assert len(await several(reading, 400)) == 400
