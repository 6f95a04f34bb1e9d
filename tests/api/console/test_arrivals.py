"""Pages about an institution are told when something of it lands, and when sums follow; nobody else is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from api.console.live.arrivals import FOLLOWS, Arrivals, Follower
from clickhouse.client import ClickHouse

START = datetime(2026, 11, 21, 4, tzinfo=UTC)


class Store:
    """Answers the two questions, and counts them."""

    def __init__(self) -> None:
        self.now = START
        self.marks = {"ledger": 1, "ledger_days": 1}
        self.newest: dict[str, datetime] = {}
        self.asked: list[str] = []

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        if "tables" in parameters:
            self.asked.append("marks")
            return [{"table": table, "mark": mark} for table, mark in self.marks.items()]
        self.asked.append("newest")
        return [{"org": org, "newest": at} for org, at in self.newest.items() if org in parameters["orgs"]]

    def land(self, org: str) -> None:
        self.marks["ledger"] += 1
        self.newest[org] = self.now


class Pages:
    """Open pages of two institutions."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.told: list[str] = []
        for org in ("A", "B"):
            arrivals._followers[Follower(org, self._teller(org))] = None  # without the loop that ticks by itself

    def _teller(self, org: str) -> Any:
        async def tell() -> None:
            self.told.append(org)

        return tell

    def heard(self) -> list[str]:
        heard, self.told = self.told, []
        return heard


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def arrivals(store: Store) -> Arrivals:
    return Arrivals(cast(ClickHouse, store), lambda: store.now)


async def test_only_pages_of_the_institution_that_sent_are_told(store: Store, arrivals: Arrivals) -> None:
    pages = Pages(arrivals)
    store.land("A")
    await arrivals.tick()
    assert pages.heard() == [], "a page has just been built"
    store.land("B")
    await arrivals.tick()
    assert pages.heard() == ["A", "B"], "of A something came a moment ago, its sums may follow"
    store.now += FOLLOWS + timedelta(seconds=1)
    store.land("B")
    await arrivals.tick()
    assert pages.heard() == ["B"]


async def test_sums_that_follow_are_told_and_nothing_is_asked_while_nothing_changes(
    store: Store, arrivals: Arrivals
) -> None:
    pages = Pages(arrivals)
    await arrivals.tick()
    store.land("A")
    await arrivals.tick()
    assert pages.heard() == ["A"]
    store.asked.clear()
    await arrivals.tick()
    assert (pages.heard(), store.asked) == ([], ["marks"])
    store.marks["ledger_days"] += 1
    await arrivals.tick()
    assert (pages.heard(), store.asked) == (["A"], ["marks", "marks"])
    store.now += FOLLOWS + timedelta(seconds=1)
    store.marks["ledger_days"] += 1
    await arrivals.tick()
    assert pages.heard() == []


async def test_who_has_left_is_told_nothing(store: Store, arrivals: Arrivals) -> None:
    pages = Pages(arrivals)
    await arrivals.tick()
    for follower in list(arrivals._followers):
        arrivals.leave(follower)
    store.land("A")
    await arrivals.tick()
    assert pages.heard() == []
