"""The rules on a simulated province: silent where nothing is wrong, and every orphan that was planted is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from clickhouse.client import ClickHouse
from simulators.faults import ORPHAN_RULES
from simulators.feed import Feed
from simulators.messages import Message, messages
from simulators.scenarios import make_feed, scenario
from standard.load import load
from streams.store_checks.run import StoreChecks
from tests.streams.store_checks.landed import Lands, sum_up

END = date(2026, 11, 19)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
PATIENTS = "TB_HZXX"

#: What the simulator does not make: nobody is refunded after discharge, no order is cancelled, no injuries, no Chinese
#: diagnoses of inpatients; front pages come as files of their own.
NOT_SIMULATED = {"ZJ15", "YZ16", "ZD22", "ZD13", "ZJ20"}


def landed(clickhouse: ClickHouse, name: str, days: int) -> tuple[Feed, Lands]:
    """A province whose rows have landed and are summed, and what lands more of them."""
    feed = make_feed(scenario(name), END, 11, orgs=6, days=days, volume=0.3)
    lands = Lands(clickhouse, feed.province)
    lands.land(feed)
    sum_up(clickhouse)
    return feed, lands


def failed(clickhouse: ClickHouse) -> dict[tuple[str, str, str, str], int]:
    """(institution, table, day, rule) → rows that violate it."""
    rows = clickhouse.rows("SELECT org, table, biz_date, rule_id, failed FROM store_days FINAL WHERE failed > 0")
    return {(row["org"], row["table"], row["biz_date"].isoformat(), row["rule_id"]): row["failed"] for row in rows}


@pytest.mark.slow
def test_no_rule_fires_on_a_province_without_faults_and_nearly_all_have_rows_to_check(empty: ClickHouse) -> None:
    feed, _ = landed(empty, "clean", 7)
    checks = StoreChecks(empty, load(), lambda: NOW)
    ran = checks.run(checks.pending(), NOW)
    assert failed(empty) == {}
    assert ran.cells == len({(org, table, day) for org, table, day in feed.manifest.received} | feed.manifest.empty)
    idle = empty.rows("SELECT rule_id FROM store_days FINAL GROUP BY rule_id HAVING sum(checked) = 0")
    assert {row["rule_id"] for row in idle} <= NOT_SIMULATED
    assert checks.pending() == []


@pytest.mark.slow
def test_exactly_the_planted_orphans_are_found_and_none_is_left_when_the_patients_come(empty: ClickHouse) -> None:
    feed, lands = landed(empty, "faults", 5)
    checks = StoreChecks(empty, load(), lambda: NOW)
    checks.run(checks.pending(), NOW)
    found = failed(empty)
    orphans = {key: rows for key, rows in found.items() if key[3] in ORPHAN_RULES.values()}
    assert orphans == +feed.manifest.store
    assert sum(orphans.values()) > 100
    listed = empty.rows("SELECT count() AS n FROM store_findings FINAL")[0]["n"]
    assert listed == sum(found.values())

    lands.land(every_patient(feed), NOW + timedelta(hours=1))
    sum_up(empty)
    later = NOW + timedelta(hours=2)
    checks = StoreChecks(empty, load(), lambda: later)
    checks.run(checks.pending(), later)
    assert [key for key in failed(empty) if key[3] in ORPHAN_RULES.values()] == []


def every_patient(feed: Feed) -> Iterator[Message]:
    """All patients of the province once more, without faults."""
    for batch in feed.province.batches():
        if batch.table == PATIENTS and batch.rows:
            yield from messages(batch.org, batch.table, f"{batch.id}-again", NOW, batch.rows)
