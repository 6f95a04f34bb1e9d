"""The API against a real broker and a real ClickHouse engine, once for this folder; each test has a database and topics
of its own. The stream worker is not here: ``landed`` writes what it would write."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.database import FILE
from api.accounts.passwords import Passwords
from api.accounts.principal import Assignment
from api.accounts.region import EVERYWHERE
from api.app import create_app
from api.services import Services
from api.wire import utc_now
from clickhouse.client import ClickHouse
from sanjian.access import Credentials
from sanjian.broker import EmbeddedBroker
from sanjian.serving import Server
from sanjian.settings import Settings
from streams.topics import Topic, ensure_topics
from tests.databases import Databases, an_engine

ORG_A = "990000000000000000000A"
ORG_B = "990000000000000000000B"
TESTS = By("system:tests")
#: Real argon2, as cheap as it gets.
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
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
    with an_engine(tmp_path_factory.mktemp("api") / "clickhouse") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database of its own."""
    with databases.migrated() as client:
        yield client


@dataclass
class Stack:
    """What an app is made of, and the tokens of two hospitals, an operator and an administrator; of these the
    administrator may read personal data."""

    settings: Settings
    clickhouse: ClickHouse
    accounts: Accounts
    bootstrap: list[str]
    topics: dict[str, Topic]
    tokens: dict[str, str] = field(default_factory=dict)
    clients: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Credentials] = field(default_factory=dict)

    def app(self, **options: Any) -> FastAPI:
        """An application on this stack."""
        return create_app(
            self.settings, self.clickhouse, self.accounts, bootstrap=self.bootstrap, topics=self.topics, **options
        )

    def headers(self, who: str = "a", **more: str) -> dict[str, str]:
        """The Authorization header of ``who`` and more headers (underscores are dashes)."""
        return {
            "Authorization": f"Bearer {self.tokens[who]}",
            **{name.replace("_", "-"): v for name, v in more.items()},
        }

    def machine(self, who: str, assignment: Assignment, label: str = "", allow: str = "") -> None:
        """Make a client whose token is ``tokens[who]``, whose id is ``clients[who]``."""
        client, secret = self.accounts.clients.add(TESTS, label or who, assignment, allow)
        issued = self.accounts.tokens.issue(client.id, secret, "127.0.0.1")
        assert issued is not None
        self.tokens[who], self.clients[who] = issued.token, client.id
        self.secrets[who] = Credentials(client.id, secret)

    def environment(self, url: str, who: str) -> dict[str, str]:
        """With which a command asks the server as ``who``."""
        found = self.secrets[who]
        return {"SANJIAN_URL": url, "SANJIAN_CLIENT_ID": found.client_id, "SANJIAN_CLIENT_SECRET": found.secret}

    @property
    def changes(self) -> Topic:
        """The topic his.changes of this test."""
        return self.topics[self.settings.changes_topic]


@pytest.fixture(scope="session")
def empty_accounts(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated accounts database: copying it is much faster than making it."""
    accounts = Accounts.open(Settings(data_dir=tmp_path_factory.mktemp("accounts")), passwords=CHEAP)
    accounts.database.migrate()
    with accounts.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        path = Path(str(accounts.database.engine.url.database))
    accounts.close()
    return path.read_bytes()


def opened(settings: Settings, empty: bytes, now: Callable[[], datetime] = utc_now) -> Accounts:
    """Accounts of its own for a test."""
    (settings.data_dir / FILE).write_bytes(empty)
    return Accounts.open(settings, passwords=CHEAP, now=now)


@pytest.fixture
def stack(tmp_path: Path, clickhouse: ClickHouse, broker: EmbeddedBroker, empty_accounts: bytes) -> Iterator[Stack]:
    """A stack with topics of its own."""
    number = next(_numbers)
    settings = Settings(
        data_dir=tmp_path, partitions=2, max_message_bytes=64 * 1024, changes_topic=f"his.changes.{number}",
        alerts_topic=f"sanjian.alerts.{number}", deadletters_topic=f"his.deadletters.{number}",
        codemaps_topic=f"sanjian.codemaps.{number}",
    )  # fmt: skip
    accounts = opened(settings, empty_accounts)
    made = Stack(settings, clickhouse, accounts, [broker.bootstrap], ensure_topics(settings, [broker.bootstrap]))
    made.machine("a", Assignment("hospital", ORG_A), "hospital a")
    made.machine("b", Assignment("hospital", ORG_B), "hospital b")
    made.machine("operator", Assignment("operator", scope=EVERYWHERE))
    made.machine("admin", Assignment("admin", personal=True))
    accounts.outbox.send(clickhouse)  # what we did here is nothing that a test looks for
    clickhouse.command("TRUNCATE TABLE audit_log")
    yield made
    accounts.close()


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
