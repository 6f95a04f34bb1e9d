"""One embedded engine for the folder, a fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from tests.databases import Databases, an_engine
from tests.streams.rollup.landed import Lands
from tests.streams.unit.build import CHARGES, PATIENTS, standard


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; closed at the folder's end, because a process can have one directory open at a time."""
    with an_engine(tmp_path_factory.mktemp("rollup") / "data") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture
def empty(databases: Databases) -> Iterator[ClickHouse]:
    """An empty database of the test's own."""
    with databases.empty() as client:
        yield client


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database with the tables of charges, patients and front pages."""
    with databases.migrated([standard().tables[name] for name in (CHARGES, PATIENTS, "TB_BASY")]) as client:
        yield client


@pytest.fixture
def lands(clickhouse: ClickHouse) -> Lands:
    """Lands messages in it."""
    return Lands(clickhouse)
