"""One embedded engine for the folder, a fresh database a test, and a scene to set in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from tests.streams.watch.scene import Scene

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``scene``."""
    with ClickHouse(f"chdb://{tmp_path_factory.mktemp('watch') / 'data'}", memory_mb=2048) as client:
        yield client


@pytest.fixture
def clickhouse(engine: ClickHouse, request: pytest.FixtureRequest) -> Iterator[ClickHouse]:
    """A migrated database of its own; the standard's tables are in it where the test is marked ``stack``."""
    database = f"watch{next(_numbers)}"
    engine.use(database)
    migrate(engine, None if request.node.get_closest_marker("stack") else [])
    yield engine
    engine.use("sanjian")
    engine.command(f"DROP DATABASE {database} SYNC")


@pytest.fixture
def scene(clickhouse: ClickHouse) -> Scene:
    """Nothing has happened yet."""
    return Scene(clickhouse)
