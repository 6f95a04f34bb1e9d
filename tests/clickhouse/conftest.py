"""One embedded engine for the folder (a process can have one directory open at a time), a fresh database a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clickhouse.client import ClickHouse
from standard.load import load
from tests.clickhouse.served import served
from tests.databases import Databases, an_engine


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``clickhouse`` or ``empty``."""
    with an_engine(tmp_path_factory.mktemp("clickhouse") / "data") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture(scope="package")
def server(engine: ClickHouse) -> Iterator[str]:
    """DSN of the same engine behind HTTP, without a database."""
    with served(engine_path(engine)) as dsn:
        yield dsn


@pytest.fixture(params=["chdb", "http"])
def empty(request: pytest.FixtureRequest, databases: Databases) -> Iterator[ClickHouse]:
    """An empty database, over both transports."""
    with databases.empty() as engine:
        if request.param == "chdb":
            yield engine
        else:
            with ClickHouse(f"{request.getfixturevalue('server')}/{engine.database}") as client:
                yield client


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database of its own, without the standard's tables."""
    with databases.migrated() as client:
        yield client


@pytest.fixture
def with_front_pages(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database that has the one table of the standard that named queries read."""
    with databases.migrated([load().tables["TB_BASY"]]) as client:
        yield client


def engine_path(client: ClickHouse) -> Path:
    """Directory of an embedded engine."""
    return Path(client.rows("SELECT value FROM system.server_settings WHERE name = 'path'")[0]["value"])
