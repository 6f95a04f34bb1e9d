"""The producer opens a client when one is needed, and closes every client that it opened."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sanjian.errors import NotNow
from streams import producer as module
from streams.producer import Producer


class Client:
    """What of an AIOKafkaProducer is used."""

    made: list[Client]
    started: asyncio.Event

    def __init__(self, **_: Any) -> None:
        self.made.append(self)
        self.open = True

    async def start(self) -> None:
        await self.started.wait()

    async def stop(self) -> None:
        self.open = False

    async def send(self, topic: str, value: bytes, **_: Any) -> asyncio.Future[Any]:
        place: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        place.set_result(type("Place", (), {"partition": 0, "offset": 7}))
        return place


@pytest.fixture
async def clients(monkeypatch: pytest.MonkeyPatch) -> list[Client]:
    """The clients that were made; none of them starts before ``Client.started`` is set."""
    Client.made, Client.started = [], asyncio.Event()
    monkeypatch.setattr(module, "AIOKafkaProducer", Client)
    return Client.made


def producer() -> Producer:
    return Producer(["127.0.0.1:9"], idempotent=False, max_bytes=1)


async def test_after_it_was_closed_nobody_opens_a_client_any_more(clients: list[Client]) -> None:
    Client.started.set()
    mine = producer()
    assert (await mine.send("t", b"k", b"v")).offset == 7
    await mine.close()
    with pytest.raises(NotNow, match="closed"):
        await mine.send("t", b"k", b"v")
    assert [one.open for one in clients] == [False]


async def test_a_client_whose_start_is_cancelled_is_stopped(clients: list[Client]) -> None:
    sending = asyncio.create_task(producer().send("t", b"k", b"v"))
    while not clients:
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert [one.open for one in clients] == [False]


async def test_a_client_that_is_being_opened_while_it_is_closed_is_closed_too(clients: list[Client]) -> None:
    mine = producer()
    sending = asyncio.create_task(mine.send("t", b"k", b"v"))
    while not clients:
        await asyncio.sleep(0)
    closing = asyncio.create_task(mine.close())
    await asyncio.sleep(0)
    Client.started.set()
    await closing
    await asyncio.gather(sending, return_exceptions=True)
    assert [one.open for one in clients] == [False]
