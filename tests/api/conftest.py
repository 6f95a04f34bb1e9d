"""The API against a real broker and a real ClickHouse engine, once for this folder; each test has a database and topics
of its own. The stream worker is not here: ``landed`` writes what it would write."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.services import Services
from api.tokens import new_token
from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from sanjian.broker import EmbeddedBroker
from sanjian.serving import Server
from sanjian.settings import Settings
from streams.topics import Topic, ensure_topics

ORG_A = "990000000000000000000A"
ORG_B = "990000000000000000000B"
NDJSON = {"Content-Type": "application/x-ndjson"}
_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """One broker for the folder."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker") / "broker.log") as running:
        yield running


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """One engine for the folder; closed at its end, because a process can have one directory open at a time."""
    with ClickHouse(f"chdb://{tmp_path_factory.mktemp('api') / 'clickhouse'}", memory_mb=2048) as client:
        yield client


@pytest.fixture
def clickhouse(engine: ClickHouse) -> Iterator[ClickHouse]:
    """A migrated database of its own."""
    database = f"api{next(_numbers)}"
    engine.use(database)
    migrate(engine, tables=[])
    yield engine
    engine.use("sanjian")
    engine.command(f"DROP DATABASE {database} SYNC")


@dataclass
class Stack:
    """What an app is made of, and the tokens of two hospitals, an operator and an administrator."""

    settings: Settings
    clickhouse: ClickHouse
    bootstrap: list[str]
    topics: dict[str, Topic]
    tokens: dict[str, str] = field(default_factory=dict)

    def app(self, **options: Any) -> FastAPI:
        """An application on this stack."""
        return create_app(self.settings, self.clickhouse, bootstrap=self.bootstrap, topics=self.topics, **options)

    def headers(self, who: str = "a", **more: str) -> dict[str, str]:
        """The Authorization header of ``who`` and more headers (underscores are dashes)."""
        return {
            "Authorization": f"Bearer {self.tokens[who]}",
            **{name.replace("_", "-"): v for name, v in more.items()},
        }

    @property
    def changes(self) -> Topic:
        """The topic his.changes of this test."""
        return self.topics[self.settings.changes_topic]


@pytest.fixture
def stack(tmp_path: Path, clickhouse: ClickHouse, broker: EmbeddedBroker) -> Stack:
    """A stack with topics of its own."""
    number = next(_numbers)
    settings = Settings(
        data_dir=tmp_path, partitions=2, max_message_bytes=64 * 1024, changes_topic=f"his.changes.{number}",
        alerts_topic=f"sanjian.alerts.{number}", deadletters_topic=f"his.deadletters.{number}",
        codemaps_topic=f"sanjian.codemaps.{number}",
    )  # fmt: skip
    made = Stack(settings, clickhouse, [broker.bootstrap], ensure_topics(settings, [broker.bootstrap]))
    path = settings.tokens_path
    made.tokens = {
        "a": new_token(path, ORG_A, "hospital", "hospital a"), "b": new_token(path, ORG_B, "hospital", "hospital b"),
        "operator": new_token(path, "", "operator", "operator"), "admin": new_token(path, "", "admin", "admin"),
    }  # fmt: skip
    return made


@dataclass
class Running:
    """A running app: ``client`` calls it, ``parts`` are its services."""

    app: FastAPI
    client: httpx.AsyncClient

    @property
    def parts(self) -> Services:
        """The services, to break one of them."""
        found: Services = self.app.state.services
        return found


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[Running]:
    """The app with its lifespan, without a port."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://sanjian") as client:
            yield Running(app, client)


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """The running API."""
    async with running(stack.app()) as found:
        yield found


async def until(what: Callable[[], object], task: asyncio.Task[None] | None = None) -> None:
    """Wait until ``what()`` is true; a ``task`` that ends meanwhile tells why."""
    async with asyncio.timeout(30):
        while not what():
            if task and task.done():
                await task
            await asyncio.sleep(0.01)


Serve = Callable[[FastAPI], AbstractAsyncContextManager[str]]


@pytest.fixture
def serve() -> Serve:
    """``async with serve(app) as url``: the app on a port, for websockets."""
    return _served


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    server = Server(app)
    server.config.timeout_graceful_shutdown = 1
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # pytest owns the signals
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
