"""One embedded engine for the folder (a process can have one directory open at a time), a fresh database a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from tests.clickhouse.served import served

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``clickhouse`` or ``empty``."""
    path = tmp_path_factory.mktemp("clickhouse") / "data"
    with ClickHouse(f"chdb://{path}", memory_mb=2048) as client:
        yield client


@pytest.fixture(scope="package")
def server(engine: ClickHouse) -> Iterator[str]:
    """DSN of the same engine behind HTTP, without a database."""
    with served(engine_path(engine)) as dsn:
        yield dsn


@pytest.fixture(params=["chdb", "http"])
def empty(request: pytest.FixtureRequest, engine: ClickHouse) -> Iterator[ClickHouse]:
    """An empty database, over both transports."""
    database = f"t{next(_numbers)}"
    if request.param == "chdb":
        engine.use(database)
        yield engine
    else:
        with ClickHouse(f"{request.getfixturevalue('server')}/{database}") as client:
            yield client
    engine.use("sanjian")
    engine.command(f"DROP DATABASE {database} SYNC")


@pytest.fixture
def clickhouse(engine: ClickHouse) -> Iterator[ClickHouse]:
    """A migrated database of its own, without the standard's tables."""
    database = f"t{next(_numbers)}"
    engine.use(database)
    migrate(engine, tables=[])
    yield engine
    engine.use("sanjian")
    engine.command(f"DROP DATABASE {database} SYNC")


def engine_path(client: ClickHouse) -> Path:
    """Directory of an embedded engine."""
    return Path(client.rows("SELECT value FROM system.server_settings WHERE name = 'path'")[0]["value"])
