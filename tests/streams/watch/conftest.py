"""One embedded engine for the folder, a fresh database a test, and a scene to set in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from tests.databases import Databases, an_engine
from tests.streams.watch.scene import Scene


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``scene``."""
    with an_engine(tmp_path_factory.mktemp("watch") / "data") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture
def clickhouse(databases: Databases, request: pytest.FixtureRequest) -> Iterator[ClickHouse]:
    """A migrated database of its own; the standard's tables are in it where the test is marked ``stack``."""
    with databases.migrated(None if request.node.get_closest_marker("stack") else ()) as client:
        yield client


@pytest.fixture
def scene(clickhouse: ClickHouse) -> Scene:
    """Nothing has happened yet."""
    return Scene(clickhouse)
