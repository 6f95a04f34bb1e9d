"""A simulated month in the embedded engine, once for this folder; nothing here writes to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clickhouse.client import ClickHouse
from grafana.standards import standard
from tests.databases import an_engine
from tests.grafana.month import Month, plant


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """One engine for the folder; closed at its end, because a process can have one directory open at a time."""
    with an_engine(tmp_path_factory.mktemp("boards") / "clickhouse") as client:
        yield client


@pytest.fixture(scope="package")
def month(engine: ClickHouse) -> Month:
    """The month, planted."""
    return plant(engine, standard())
