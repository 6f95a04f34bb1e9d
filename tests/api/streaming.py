"""Alerts as workers publish them, and websocket clients that listen to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import polars as pl
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from streams.positions import publish_alerts
from streams.producer import Producer
from tests.api.conftest import ORG_A, Stack
from tests.api.landed import NOW, alert

#: Longer than any pause between attempts on a busy machine; only what hangs comes to it.
PATIENCE = 60
#: Places are removed after 180 days by the engine's own clock: these are young whenever the tests are run.
TODAY = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Raised:
    """An alert as ``streams.positions`` takes it."""

    id: str
    org: str
    raised_at: datetime
    payload: bytes


@asynccontextmanager
async def producing(bootstrap: list[str]) -> AsyncIterator[Producer]:
    """A producer of our own."""
    producer = Producer(bootstrap, idempotent=False, max_bytes=1 << 20)
    try:
        yield producer
    finally:
        await producer.close()


async def raw(stack: Stack, *payloads: bytes, key: str = "") -> None:
    """Records of the topic of alerts, in one go."""
    async with producing(stack.bootstrap) as producer:
        await producer.publish(stack.settings.alerts_topic, [(key, payload, []) for payload in payloads])


def raised(number: int, org: str = ORG_A, more: str = "") -> dict[str, Any]:
    """An alert with a time of its own; ``more`` makes it longer."""
    return alert(number, org, NOW + timedelta(seconds=number)) | ({"more": more} if more else {})


def as_raised(payload: dict[str, Any]) -> Raised:
    """The alert as a worker has it."""
    return Raised(
        payload["id"], payload["org"], datetime.fromisoformat(payload["raised_at"]), orjson.dumps(payload)
    )  # fmt: skip


def land(stack: Stack, *payloads: dict[str, Any]) -> None:
    """Into the table of alerts, as a worker does before it publishes."""
    rows = [
        {"id": one.id, "org": one.org, "kind": "rejection", "payload": one.payload.decode(), "raised_at": one.raised_at,
         "landed_at": NOW}
        for one in map(as_raised, payloads)
    ]  # fmt: skip
    stack.clickhouse.insert("alerts", pl.DataFrame(rows))


async def publish(stack: Stack, *payloads: dict[str, Any], now: datetime = TODAY) -> None:
    """Land alerts, publish them in one go and keep their places: what a worker does."""
    land(stack, *payloads)
    async with producing(stack.bootstrap) as producer:
        topic = stack.topics[stack.settings.alerts_topic]
        await publish_alerts(producer, stack.clickhouse, topic, list(map(as_raised, payloads)), now)


def stream(url: str, stack: Stack, who: str = "a", query: str = "", **options: Any) -> connect:
    """A websocket client, with its token in the header."""
    address = f"{url.replace('http', 'ws')}/api/v1/alerts{query}"
    return connect(address, additional_headers=stack.headers(who), **options)


async def hear(socket: ClientConnection, kind: str = "rejection") -> dict[str, Any]:
    """The next message of this kind."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said: dict[str, Any] = orjson.loads(await socket.recv())
            if said["kind"] == kind:
                return said


async def several(socket: ClientConnection, number: int, kind: str = "rejection") -> list[dict[str, Any]]:
    """So many messages of this kind."""
    return [await hear(socket, kind) for _ in range(number)]


def plain(said: dict[str, Any]) -> dict[str, Any]:
    """An alert without what the stream adds."""
    added = {"epoch", "position", "cursor"}
    assert added <= said.keys()
    return {name: value for name, value in said.items() if name not in added}


async def closed(socket: ClientConnection, got: list[dict[str, Any]] | None = None) -> tuple[int, str]:
    """The closing code and reason; what is said before goes to ``got``."""
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                said = orjson.loads(await socket.recv())
                if got is not None:
                    got.append(said)
        except ConnectionClosed as error:
            return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
