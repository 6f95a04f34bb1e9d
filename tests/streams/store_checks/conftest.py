"""One embedded engine and one migrated database for the folder; every test has an institution of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from standard.load import load
from streams.store_checks.run import StoreChecks
from tests.streams.store_checks.hospital import NOW, Hospital

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; closed at the folder's end, because a process can have one directory open at a time."""
    with ClickHouse(f"chdb://{tmp_path_factory.mktemp('store_checks') / 'data'}", memory_mb=2048) as client:
        yield client


@pytest.fixture(scope="package")
def clickhouse(engine: ClickHouse) -> ClickHouse:
    """A migrated database for tests that tell their rows apart by the institution."""
    engine.use("store_checks")
    migrate(engine)
    return engine


@pytest.fixture
def empty(engine: ClickHouse) -> Iterator[ClickHouse]:
    """A migrated database of the test's own."""
    before, database = engine.database, f"store_checks_{next(_numbers)}"
    engine.use(database)
    migrate(engine)
    yield engine
    engine.use(before)
    engine.command(f"DROP DATABASE {database} SYNC")


@pytest.fixture(scope="package")
def checks(clickhouse: ClickHouse) -> StoreChecks:
    """The rules as delivered."""
    return StoreChecks(clickhouse, load(), lambda: NOW)


@pytest.fixture
def hospital(clickhouse: ClickHouse, checks: StoreChecks) -> Hospital:
    """An institution that no other test has."""
    return Hospital(clickhouse, checks, f"H{next(_numbers):021}")
