"""One embedded engine and one migrated database for the folder; every test has an institution of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from standard.load import load
from streams.store_checks.run import StoreChecks
from tests.databases import Databases, an_engine
from tests.streams.store_checks.hospital import NOW, Hospital

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; closed at the folder's end, because a process can have one directory open at a time."""
    with an_engine(tmp_path_factory.mktemp("store_checks") / "data") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture(scope="package")
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database for tests that tell their rows apart by the institution."""
    with databases.migrated(None) as client:
        yield client


@pytest.fixture
def empty(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database of the test's own."""
    with databases.migrated(None) as client:
        yield client


@pytest.fixture(scope="package")
def checks(clickhouse: ClickHouse) -> StoreChecks:
    """The rules as delivered."""
    return StoreChecks(clickhouse, load(), lambda: NOW)


@pytest.fixture
def hospital(clickhouse: ClickHouse, checks: StoreChecks) -> Hospital:
    """An institution that no other test has."""
    return Hospital(clickhouse, checks, f"H{next(_numbers):021}")
