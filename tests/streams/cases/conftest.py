"""One embedded engine for the folder (a process can have one directory open at a time), a fresh database a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from clickhouse.channels import Channel, ChannelStore
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from sanjian.errors import NotNow
from streams.cases.cases import Cases
from streams.outbox.store import OutboxStore
from streams.positions import Raised
from tests.databases import Databases, an_engine
from tests.streams.cases.build import NOON, ORG_A, ORG_B, ORG_TEST


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The engine; tests take ``clickhouse``."""
    with an_engine(tmp_path_factory.mktemp("cases") / "data") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A migrated database of its own with two institutions and a test one, without the standard's tables."""
    with databases.migrated() as client:
        OrgStore(client).save([Org(ORG_A, "历城区示范医院"), Org(ORG_B, "第二医院"), Org(ORG_TEST, "测试", test=True)])
        yield client


@dataclass
class Desk:
    """Cases on a database, a broker that remembers, and a clock: what a leader has, and what people find."""

    clickhouse: ClickHouse
    published: list[dict[str, Any]] = field(default_factory=list)
    broker_away: bool = False
    now: datetime = NOON

    def publish(self, notices: Sequence[Raised], now: datetime) -> None:
        if self.broker_away:
            raise NotNow("the broker is away")
        self.published += [orjson.loads(notice.payload) for notice in notices]

    def cases(self, **options: Any) -> Cases:
        """A new instance, as after a restart or in another process."""
        return Cases(self.clickhouse, self.publish, public_url="https://sanjian.example", **options)

    def later(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now

    def channel(self, name: str, **settings: Any) -> None:
        ChannelStore(self.clickhouse).save(
            Channel(name, settings.pop("kind", "webhook"), "http://localhost/", "secret", **settings)
        )

    def kept(self) -> list[dict[str, Any]]:
        """The notices in ``alerts``, in the order in which they were raised."""
        rows = self.clickhouse.rows("SELECT payload FROM alerts FINAL ORDER BY raised_at, id")
        return [orjson.loads(row["payload"]) for row in rows]

    def waiting(self, channel: str = "") -> list[str]:
        """Ids of the notices that wait for a channel, the oldest first."""
        found = OutboxStore(self.clickhouse).page(1000, 0, channel=channel)[1]
        return [one.notice for one in reversed(found)]


@pytest.fixture
def desk(clickhouse: ClickHouse) -> Desk:
    """A desk at noon."""
    return Desk(clickhouse)
