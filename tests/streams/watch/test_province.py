"""A whole province: the watch finds exactly the gaps and bursts that the simulator planted, and none more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date, timedelta
from typing import get_args

import polars as pl
import pytest

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.orgs import Org, OrgStore
from clickhouse.schedule import ScheduleEntry, ScheduleStore
from simulators.faults import KINDS, Profile
from simulators.feed import BUSIEST, Feed
from simulators.manifest import Manifest
from simulators.province import Province
from standard.model import MapKind
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
    # stated: from what was sent nobody could tell that the first day is missing
    OrgStore(clickhouse).save(Org(**asdict(org), starts_on=province.dates[0]) for org in province.orgs)
    ScheduleStore(clickhouse).save([ScheduleEntry(expected=False, valid_from=END + timedelta(days=1))], "test")
    save_maps(clickhouse, province)
    lands = Lands(clickhouse, province)
    lands.land_feed(feed)
    lands.settle()
    return feed


def save_maps(clickhouse: ClickHouse, province: Province) -> None:
    """The code maps that the rows are mapped with."""
    store = CodeMapStore(clickhouse)
    for maps in province.maps:
        entries = maps.entries()
        for kind in get_args(MapKind):
            named = [
                (one["local_code"], one["local_name"], one["standard_code"]) for one in entries if one["map"] == kind
            ]
            store.save(maps.org, kind, [MapEntry(*names) for names in named], "test")


def test_exactly_the_planted_gaps_and_bursts_are_found(clickhouse: ClickHouse) -> None:
    profile = Profile(missing_days=0.04, missing_tables=0.01, bursts=0.06, burst_factor=5)
    manifest = landed(clickhouse, profile).manifest
    held = Runs(Scene(clickhouse)).run(NOW)
    gaps: defaultdict[str, list[str]] = defaultdict(list)
    for org, table, day in sorted(manifest.gaps):
        gaps[f"gap|{org}||{day}"].append(table)
    assert manifest.planted["missing_day"] >= 2
    assert manifest.planted["missing_table"] >= 5
    assert {key: sorted(one.details["tables"]) for key, one in held.items() if one.kind == "gap"} == gaps
    bursts = {(org, day) for (org, table, day), bad in manifest.rejected.items() if table == BUSIEST and bad}
    recent = {(org, day) for org, day in bursts if date.fromisoformat(day) > NOW.date() - timedelta(days=31)}
    assert len(bursts) == manifest.planted["burst"]
    assert len(recent) >= 3
    rates = {key: one for key, one in held.items() if one.kind == "anomaly_rate"}
    assert set(rates) == {f"anomaly_rate|{org}|{BUSIEST}|{day}" for org, day in recent}
    for (org, day), one in {(one.org, str(one.biz_date)): one for one in rates.values()}.items():
        cell = (org, BUSIEST, day)
        assert (one.numerator, one.denominator) == (manifest.rejected[cell], manifest.received[cell])
    # a burst is many rows, too; where there is history the volume says so, and of no other day
    volumes = {(one.org, one.table, str(one.biz_date)) for one in held.values() if one.kind == "volume"}
    assert volumes
    assert volumes <= {(org, BUSIEST, day) for org, day in bursts}
    rejected = {f"rejection|{org}|{BUSIEST}|" for org, _ in bursts}
    assert {key for key, one in held.items() if one.kind not in ("gap", "anomaly_rate", "volume")} == rejected


def test_a_faulty_province_is_judged_as_its_manifest_says(clickhouse: ClickHouse) -> None:
    profile = Profile(rows=dict.fromkeys(KINDS, 0.02), late_days=0.1, missing_days=0.05, missing_tables=0.02)
    manifest = landed(clickhouse, profile, days=12).manifest
    runs = Runs(Scene(clickhouse))
    held = runs.run(NOW)
    expected = {}
    for cell in +manifest.received:
        counts = manifest.outcome(cell)
        bad, received = counts["flagged"] + counts["rejected"], counts["received"]
        if received >= 30 and bad / received >= 0.05:
            verdict = "critical" if bad / received >= 0.20 else "warning"
            expected["anomaly_rate|" + "|".join(cell)] = (verdict, bad, received)
    found = {
        key: (one.severity, one.numerator, one.denominator) for key, one in held.items() if one.kind == "anomaly_rate"
    }
    assert len({verdict for verdict, _, _ in found.values()}) == 2
    assert found == expected
    found_gaps = [one for one in held.values() if one.kind == "gap"]
    gaps = {(one.org, table, str(one.biz_date)) for one in found_gaps for table in one.details["tables"]}
    assert gaps == set(manifest.gaps)
    states = runs.watch.look(NOW, NOW, []).states.filter(pl.col("state") == "late")
    # a single table is late, too, when a discharge brings a row to a day on which nothing was sent
    whole_days = states.group_by("org", "biz_date").len().filter(pl.col("len") > 1)
    assert whole_days.height == manifest.planted["late_day"] >= 2
