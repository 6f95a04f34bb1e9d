"""A client that comes back gets everything it missed, from wherever that is by now, and nobody else's."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from fastapi import FastAPI

from api.live.cursor import Cursor, read_cursor
from api.live.ring import Ring
from sanjian.broker import EmbeddedBroker
from sanjian.errors import NotNow
from sanjian.settings import Settings
from streams.positions import TABLE, positions_frame
from streams.producer import Sent
from streams.topics import ensure_topics
from tests.api.conftest import ORG_A, ORG_B, Serve, Stack, until
from tests.api.landed import NOW
from tests.api.streaming import TODAY, as_raised, closed, hear, land, publish, raised, raw, several, stream

pytestmark = pytest.mark.stack


def ids(said: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in said]


def names(*numbers: int) -> list[str]:
    return [f"alert-{number}" for number in numbers]


def epoch_of(stack: Stack) -> str:
    return stack.topics[stack.settings.alerts_topic].id


def placed(stack: Stack, epoch: str, first: int, *payloads: dict[str, Any], at: datetime = TODAY) -> None:
    """Alerts that were published on a topic that is no more."""
    land(stack, *payloads)
    sent = [Sent(0, first + number) for number in range(len(payloads))]
    stack.clickhouse.insert(TABLE, positions_frame(list(map(as_raised, payloads)), sent, epoch, at))


def forgetful(stack: Stack, bytes_kept: int = 0, **options: Any) -> FastAPI:
    """An app whose ring holds next to nothing: what was missed comes from ClickHouse."""
    app = stack.app(**({"now": lambda: TODAY} | options))
    app.state.services.hub.ring = Ring(bytes_kept)
    return app


async def leave(url: str, stack: Stack, who: str = "a") -> str:
    """Connect and go again; the cursor."""
    async with stream(url, stack, who) as socket:
        hello = await hear(socket, "hello")
        assert hello["recovered"] is None
        return str(hello["cursor"])


@pytest.mark.parametrize("kept", ["ring", "clickhouse"])
async def test_what_was_missed_comes_first_and_then_what_is_live(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    monkeypatch.setattr("api.live.history.PAGE", 2)
    app = stack.app() if kept == "ring" else forgetful(stack)
    async with serve(app) as url:
        cursor = await leave(url, stack)
        await publish(stack, *(raised(number) for number in range(5)), raised(5, ORG_B))
        async with stream(url, stack, query=f"?cursor={cursor}") as socket:
            hello = await hear(socket, "hello")
            assert (hello["recovered"], hello["cursor"], hello["epoch"]) == (True, cursor, epoch_of(stack))
            assert ids(await several(socket, 5)) == names(*range(5))
            await publish(stack, raised(6, ORG_B), raised(7))
            said = await hear(socket)
            assert (said["id"], said["position"], said["epoch"]) == ("alert-7", "0:7", epoch_of(stack))


@pytest.mark.parametrize("kept", ["ring", "clickhouse"])
async def test_every_message_can_be_gone_on_from(stack: Stack, serve: Serve, kept: str) -> None:
    app = stack.app() if kept == "ring" else forgetful(stack)
    async with serve(app) as url:
        cursor = await leave(url, stack)
        await publish(stack, *(raised(number) for number in range(6)))
        got = []
        for _ in range(6):
            async with stream(url, stack, query=f"?cursor={cursor}") as socket:
                said = await hear(socket)
                got.append(said["id"])
                cursor = said["cursor"]
        assert got == names(*range(6))


async def test_an_alert_from_clickhouse_is_the_same_as_live(stack: Stack, serve: Serve) -> None:
    async with serve(forgetful(stack)) as url, stream(url, stack) as live:
        hello = await hear(live, "hello")
        await publish(stack, raised(1), raised(2))
        async with stream(url, stack, query=f"?cursor={hello['cursor']}") as later:
            assert await several(later, 2) == await several(live, 2)


async def test_an_operator_of_one_institution_gets_that_one_and_of_none_all(stack: Stack, serve: Serve) -> None:
    for app in (stack.app(), forgetful(stack)):
        async with serve(app) as url:
            cursor = await leave(url, stack, "operator")
            await publish(stack, raised(1), raised(2, ORG_B), raised(3, ""))
            async with stream(url, stack, "operator", f"?cursor={cursor}") as socket:
                assert ids(await several(socket, 3)) == names(1, 2, 3)
            async with stream(url, stack, "operator", f"?org={ORG_B}&cursor={cursor}") as socket:
                await publish(stack, raised(4, ORG_B))
                assert ids(await several(socket, 2)) == names(2, 4)


async def test_a_started_process_has_read_back_what_was_missed_meanwhile(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url:
        cursor = await leave(url, stack)
    await raw(stack, *(orjson.dumps(raised(number)) for number in range(3)), key=ORG_A)  # in no table, only there
    async with serve(stack.app()) as url, stream(url, stack, query=f"?cursor={cursor}") as socket:
        assert (await hear(socket, "hello"))["recovered"] is True
        assert ids(await several(socket, 3)) == names(0, 1, 2)


async def test_a_process_that_reads_back_little_has_the_rest_from_clickhouse(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.hub.READ_BACK", 3)
    async with serve(stack.app()) as url:
        cursor = await leave(url, stack)
    for number in range(10):
        await publish(stack, raised(number))
    app = stack.app(now=lambda: TODAY)
    async with serve(app) as url, stream(url, stack, query=f"?cursor={cursor}") as socket:
        assert ids(await several(socket, 10)) == names(*range(10))
        assert app.state.services.hub.ring.first[0] >= 6


async def test_a_client_may_change_to_another_process(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as one, serve(stack.app()) as other:
        async with stream(one, stack) as socket:
            await hear(socket, "hello")
            await publish(stack, raised(1))
            cursor = (await hear(socket))["cursor"]
            await publish(stack, raised(2))
            assert (await hear(socket))["id"] == "alert-2"  # so it is nothing new to who comes now
        async with stream(other, stack, query=f"?cursor={cursor}") as there, stream(one, stack) as here:
            assert (await hear(there))["id"] == "alert-2"
            await hear(here, "hello")
            await publish(stack, raised(3))
            assert await hear(there) == await hear(here)


async def test_an_alert_whose_place_was_lost_comes_again_with_its_id(stack: Stack, serve: Serve) -> None:
    """A worker dies between publishing and keeping the place; the next one publishes again."""
    async with serve(forgetful(stack)) as url:
        cursor = await leave(url, stack)
        lost = raised(2)
        await publish(stack, raised(1))
        await raw(stack, orjson.dumps(lost), key=ORG_A)
        await publish(stack, raised(3))
        async with stream(url, stack, query=f"?cursor={cursor}") as socket:
            assert ids(await several(socket, 2)) == names(1, 3)
            await publish(stack, lost)
            assert (await hear(socket))["id"] == "alert-2"


@pytest.mark.parametrize("cursor", ["hello", "MSB4IDA6MQ", "%00", "x" * 5000])
async def test_a_cursor_that_leads_nowhere_tells_the_client_to_reload(stack: Stack, serve: Serve, cursor: str) -> None:
    async with serve(stack.app()) as url, stream(url, stack, query=f"?cursor={cursor}") as socket:
        hello = await hear(socket, "hello")
        assert hello["recovered"] is False
        await publish(stack, raised(1))
        assert (await hear(socket))["id"] == "alert-1"
        found = read_cursor(hello["cursor"])
        assert found == Cursor(epoch_of(stack), {0: 0})


async def test_what_is_kept_no_more_tells_the_client_to_reload(stack: Stack, serve: Serve) -> None:
    await publish(stack, raised(1), raised(2))
    stack.clickhouse.command(f"DELETE FROM {TABLE} WHERE offset = 0")
    for days, offset, recovered in ((179.1, 0, False), (179.1, 1, True), (178.9, 0, True)):
        app = forgetful(stack, now=lambda days=days: TODAY + timedelta(days=days))  # type: ignore[misc]
        async with serve(app) as url:
            cursor = Cursor(epoch_of(stack), {0: offset}).text()
            async with stream(url, stack, query=f"?cursor={cursor}") as socket:
                assert (await hear(socket, "hello"))["recovered"] is recovered


async def test_former_topics_are_read_in_their_order(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory broker was lost twice while the client was away; the last one begins at 0 again."""
    monkeypatch.setattr("api.live.history.PAGE", 2)
    placed(stack, "z-first", 5, *(raised(number) for number in range(5)), at=TODAY - timedelta(hours=3))
    placed(stack, "a-second", 0, raised(5), raised(6, ORG_B), raised(7), at=TODAY - timedelta(hours=2))
    async with serve(stack.app()) as url:
        await publish(stack, raised(8), raised(9))
        cursor, got = Cursor("z-first", {0: 7}).text(), []
        for _ in range(7):  # goes away after every alert
            async with stream(url, stack, query=f"?cursor={cursor}") as socket:
                assert (await hear(socket, "hello"))["recovered"] is True
                got.append(await hear(socket))
                cursor = got[-1]["cursor"]
        assert ids(got) == names(2, 3, 4, 5, 7, 8, 9)
        cursor = Cursor("a-second", {0: 1}).text()
        async with stream(url, stack, "operator", f"?cursor={cursor}") as socket:
            assert ids(await several(socket, 4)) == names(6, 7, 8, 9)


async def test_a_broker_that_counts_anew_sends_the_clients_back_and_they_lose_nothing(
    tmp_path: Path, stack: Stack, serve: Serve
) -> None:
    with EmbeddedBroker(tmp_path / "log") as broker:
        settings = Settings(data_dir=tmp_path, **{name: getattr(stack.settings, name) for name in ("partitions",)})
        mine = Stack(settings, stack.clickhouse, stack.accounts, [broker.bootstrap], {}, stack.tokens)
        mine.topics = ensure_topics(settings, mine.bootstrap)
        app = mine.app(now=lambda: TODAY)
        async with serve(app) as url:
            async with stream(url, mine) as socket:
                await hear(socket, "hello")
                await publish(mine, raised(1), raised(2))
                got = await several(socket, 2)
                assert ids(got) == names(1, 2)
                broker.stop()
                placed(mine, mine.topics[settings.alerts_topic].id, 2, raised(3))  # the last one, never read
                broker.start()
                mine.topics = ensure_topics(settings, mine.bootstrap)
                await publish(mine, raised(4), raised(5), raised(6), now=TODAY + timedelta(minutes=1))
                assert await closed(socket, got) == (1012, "resume")
            cursor, known = got[-1]["cursor"], set(ids(got))
            async with asyncio.timeout(60):
                while not set(names(3, 4, 5, 6)) <= known:
                    async with stream(url, mine, query=f"?cursor={cursor}") as socket:
                        known.add((said := await hear(socket))["id"])
                        cursor = said["cursor"]


async def test_no_alert_is_lost_between_catching_up_and_live(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients come and go at random while alerts are raised; ring, history and live are all in play."""
    monkeypatch.setattr("api.live.history.PAGE", 7)
    monkeypatch.setattr("api.live.resume.LITTLE_BYTES", 3000)
    rng, total = random.Random(5), 150
    app = forgetful(stack, 20_000)
    done = asyncio.Event()

    async def raising() -> None:
        sent = 0
        while sent < total:
            some = min(rng.randint(1, 5), total - sent)
            await publish(stack, *(raised(sent + n, rng.choice([ORG_A, ORG_A, ORG_B])) for n in range(some)))
            sent += some
        done.set()

    async def listening(who: str, cursor: str) -> list[str]:
        got: list[str] = []
        while True:
            last = done.is_set()
            async with stream(url, stack, who, f"?cursor={cursor}") as socket:
                assert (await hear(socket, "hello"))["recovered"] is True
                with_all = rng.randint(1, 15)
                try:
                    async with asyncio.timeout(3 if last else rng.uniform(0.05, 0.5)):
                        for _ in range(10_000 if last else with_all):
                            said = await hear(socket)
                            got.append(said["id"])
                            cursor = said["cursor"]
                except TimeoutError:
                    if last:
                        return got

    async with serve(app) as url:
        begin = await leave(url, stack, "operator")
        task = asyncio.create_task(raising())
        heard = await asyncio.gather(*(listening(who, begin) for who in ("a", "b", "operator", "operator", "a")))
        await task
    of = {row["id"]: row["org"] for row in stack.clickhouse.rows("SELECT id, org FROM alerts FINAL")}
    assert len(of) == total
    for who, got in zip(("a", "b", "operator", "operator", "a"), heard, strict=True):
        mine = {id_ for id_, org in of.items() if who == "operator" or org == {"a": ORG_A, "b": ORG_B}[who]}
        assert set(got) == mine, who
        assert len(got) == len(mine), "one process: nothing comes twice"


async def test_while_clickhouse_is_away_the_client_is_asked_to_come_back(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = forgetful(stack)
    rows = stack.clickhouse.rows
    async with serve(app) as url:
        cursor = await leave(url, stack)
        await publish(stack, raised(1))
        await until(lambda: app.state.services.hub.ring.next == {0: 1})

        def away(*_: object) -> list[dict[str, Any]]:
            raise NotNow("away")

        monkeypatch.setattr(stack.clickhouse, "rows", away)
        async with stream(url, stack, query=f"?cursor={cursor}") as socket:
            assert await closed(socket) == (1013, "not_now")
        monkeypatch.setattr(stack.clickhouse, "rows", rows)
        async with stream(url, stack, query=f"?cursor={cursor}") as socket:
            assert (await hear(socket))["id"] == "alert-1"


async def test_without_a_broker_since_the_start_the_client_is_asked_to_come_back(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.alerts.LIVE_SECONDS", 0.05)
    stack.bootstrap = ["127.0.0.1:9"]
    async with serve(stack.app()) as url, stream(url, stack) as socket:
        assert await closed(socket) == (1013, "not_now")


def test_places_are_written_by_frame_with_the_types_of_the_table(stack: Stack) -> None:
    placed(stack, "e", 2**40, raised(1))
    [row] = stack.clickhouse.rows(f"SELECT * FROM {TABLE}")
    assert row == {
        "epoch": "e", "partition": 0, "offset": 2**40, "id": "alert-1", "org": ORG_A,
        "raised_at": NOW + timedelta(seconds=1), "published_at": TODAY,
    }  # fmt: skip
    assert pl.DataFrame([row]).height == 1
