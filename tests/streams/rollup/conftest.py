"""One embedded engine for the folder, a fresh database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from tests.streams.rollup.landed import Lands
from tests.streams.unit.build import CHARGES, PATIENTS, standard

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; closed at the folder's end, because a process can have one directory open at a time."""
    with ClickHouse(f"chdb://{tmp_path_factory.mktemp('rollup') / 'data'}", memory_mb=2048) as client:
        yield client


@pytest.fixture
def empty(engine: ClickHouse) -> Iterator[ClickHouse]:
    """An empty database of the test's own."""
    database = f"rollup_{next(_numbers)}"
    engine.use(database)
    yield engine
    engine.use("sanjian")
    engine.command(f"DROP DATABASE {database} SYNC")


@pytest.fixture
def clickhouse(empty: ClickHouse) -> ClickHouse:
    """A migrated database with the tables of charges and patients."""
    migrate(empty, tables=[standard().tables[name] for name in (CHARGES, PATIENTS)])
    return empty


@pytest.fixture
def lands(clickhouse: ClickHouse) -> Lands:
    """Lands messages in it."""
    return Lands(clickhouse)
