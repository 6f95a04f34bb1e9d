"""A whole province: the watch finds exactly the gaps and bursts that the simulator planted, and none more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date, timedelta

import pytest

from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.schedule import ScheduleEntry, ScheduleStore
from simulators.faults import Profile
from simulators.feed import BUSIEST, Feed
from simulators.manifest import Manifest
from simulators.province import Province
from tests.streams.rollup.landed import Lands
from tests.streams.watch.build import at
from tests.streams.watch.scene import STANDARD, Runs, Scene

pytestmark = [pytest.mark.stack, pytest.mark.slow]

END = date(2026, 11, 19)
NOW = at("2026-11-25 13:00")  # what is four days late has come


def landed(clickhouse: ClickHouse, profile: Profile, *, orgs: int = 3, days: int = 44, seed: int = 5) -> Feed:
    """A province that sent all it had to say, and owes nothing after END."""
    province = Province(orgs, days, END, seed, 0.2, standard=STANDARD)
    feed = Feed(province, profile, "batch", False, None, Manifest())
    OrgStore(clickhouse).save(Org(**asdict(org)) for org in province.orgs)
    ScheduleStore(clickhouse).save([ScheduleEntry(expected=False, valid_from=END + timedelta(days=1))], "test")
    lands = Lands(clickhouse, province)
    lands.land_feed(feed)
    lands.settle()
    return feed


def test_exactly_the_planted_gaps_and_bursts_are_found(clickhouse: ClickHouse) -> None:
    profile = Profile(missing_days=0.04, missing_tables=0.01, bursts=0.06, burst_factor=5)
    manifest = landed(clickhouse, profile).manifest
    held = Runs(Scene(clickhouse)).run(NOW)
    gaps: defaultdict[str, list[str]] = defaultdict(list)
    for org, table, day in sorted(manifest.gaps):
        gaps[f"gap|{org}||{day}"].append(table)
    assert manifest.planted["missing_day"] >= 2
    assert manifest.planted["missing_table"] >= 5
    found = {key: sorted(one.details["tables"]) for key, one in held.items() if one.kind == "gap"}
    assert found == gaps
    bursts = {
        f"anomaly_rate|{org}|{table}|{day}"
        for (org, table, day), bad in manifest.rejected.items()
        if table == BUSIEST and bad
    }
    assert len(bursts) == manifest.planted["burst"] >= 3
    print({kind: sum(one.kind == kind for one in held.values()) for kind in {one.kind for one in held.values()}})
    for one in held.values():
        if one.kind not in ("gap", "anomaly_rate"):
            print(one.key, one.severity, one.en, one.details)
    assert {key for key, one in held.items() if one.kind == "anomaly_rate"} == bursts
    assert 0
