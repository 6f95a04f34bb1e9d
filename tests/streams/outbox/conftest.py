"""One embedded engine for the folder (a process can have one directory open at a time), a fresh database a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from tests.databases import Databases, an_engine


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``clickhouse``."""
    with an_engine(tmp_path_factory.mktemp("outbox") / "data") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database of its own, without the standard's tables."""
    with databases.migrated() as client:
        yield client
