"""Attacks are tried on the real API with a broker, an engine and accounts as in tests/api; there is something of two
institutions in every place, so that what leaks is seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI

from api.ports import Ports
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org
from streams.deadletters import DeadLetters
from tests.api.accounts.everything import everything
from tests.api.accounts.test_walk import NothingMissing
from tests.api.conftest import (
    ORG_A,
    ORG_B,
    Running,
    Stack,
    broker,
    databases,
    empty_accounts,
    engine,
    running,
    serve,
    stack,
)
from tests.api.landed import NOW
from tests.databases import Databases

__all__ = ["broker", "databases", "empty_accounts", "engine", "serve", "stack"]  # fixtures
CITY, COUNTY = "370100", "370112"


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database of the test's own, with the standard's tables."""
    with databases.migrated(None) as client:
        yield client


@pytest.fixture
def province(stack: Stack) -> Stack:
    """Institutions A and B of one city, with something of each in every place."""
    everything(stack.clickhouse, [Org(ORG_A, "Hospital A", CITY, COUNTY), Org(ORG_B, "Hospital B", CITY, COUNTY)])
    return stack


@pytest.fixture
async def api(province: Stack) -> AsyncIterator[Running]:
    """The running API of that province, on the day of its data."""
    async with running(app_of(province)) as found:
        yield found


def app_of(stack: Stack) -> FastAPI:
    """An application with the tools that a worker brings, on the day of the data."""
    ports = Ports(auditor=NothingMissing())
    app = stack.app(now=lambda: NOW, ports=ports)
    producer = app.state.services.producer
    ports.dead_letters = DeadLetters(stack.clickhouse, producer, stack.changes.name, asyncio.get_running_loop())
    return app
