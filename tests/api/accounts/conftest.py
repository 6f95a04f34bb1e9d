"""Accounts on SQLite and on PostgreSQL: everything that keeps something is tried on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.accounts.accounts import Accounts
from api.accounts.database import Database
from api.accounts.principal import Assignment
from api.accounts.tables import Base
from sanjian.settings import Settings
from tests.api.accounts import postgres
from tests.api.accounts.clock import Clock
from tests.api.conftest import CHEAP, ORG_A, TESTS, opened

NAME, PASSWORD = "li.na", "a short sentence"
HOSPITAL = Assignment("hospital", ORG_A)


@pytest.fixture
def clock() -> Clock:
    """The time of a test."""
    return Clock()


@pytest.fixture(scope="package")
def postgres_url() -> Iterator[str]:
    """A migrated database of a PostgreSQL server for the folder."""
    folder = postgres.binaries()
    if folder is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres.running(folder) as url:
        database = Database(url)
        database.migrate()
        database.close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path, empty_accounts: bytes, clock: Clock) -> Iterator[Accounts]:
    """Accounts without anybody, on each database."""
    settings = Settings(data_dir=tmp_path)
    if request.param == "sqlite":
        made = opened(settings, empty_accounts, clock)
    else:
        settings = Settings(data_dir=tmp_path, accounts=request.getfixturevalue("postgres_url"))
        made = Accounts.open(settings, passwords=CHEAP, now=clock)
        with made.database.engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(Base.metadata.tables)}")
    yield made
    made.close()


@pytest.fixture
def user(accounts: Accounts) -> str:
    """The name of somebody of hospital A, whose password is PASSWORD."""
    accounts.users.add(TESTS, NAME, HOSPITAL)
    accounts.users.own_choice(TESTS, NAME, PASSWORD)
    return NAME
