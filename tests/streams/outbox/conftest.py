"""One embedded engine for the folder (a process can have one directory open at a time), a fresh database a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``clickhouse``."""
    with ClickHouse(f"chdb://{tmp_path_factory.mktemp('outbox') / 'data'}", memory_mb=1024) as client:
        yield client


@pytest.fixture
def clickhouse(engine: ClickHouse) -> Iterator[ClickHouse]:
    """A migrated database of its own, without the standard's tables."""
    database = f"outbox{next(_numbers)}"
    engine.use(database)
    migrate(engine, tables=[])
    yield engine
    engine.use("sanjian")
    engine.command(f"DROP DATABASE {database} SYNC")
