"""Thresholds on their page: as per cent, in groups, and which one holds where."""

from __future__ import annotations

from typing import Any

import pytest

from api.console.pages.thresholds import values
from clickhouse.thresholds import Threshold
from streams.watch.thresholds import THRESHOLDS, Thresholds

ORG, TABLE = "12345678X00000000000AA", "TB_HZXX"
RATE = {"name": "anomaly_rate_warning", "unit": "share", "default": 0.05}
HOURS = {"name": "reminder_hours_warning", "unit": "h", "default": 24}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_every_threshold_has_a_unit_in_words_and_a_group(name: str) -> None:
    one = THRESHOLDS[name]
    assert one.unit in values.UNITS
    assert all(values.group(name))


def test_shares_are_entered_as_per_cent_and_kept_as_fractions() -> None:
    assert (values.entered(RATE, 0.07), values.kept(RATE, 7)) == (7.0, 0.07)
    assert all(values.kept(RATE, values.entered(RATE, share / 1000)) == share / 1000 for share in range(1001))
    assert (values.entered(HOURS, 24), values.kept(HOURS, 24)) == (24, 24)
    assert values.figure(RATE, 0.005, "zh") == "0.5%"
    assert values.figure(HOURS, 24, "zh") == "24 小时"
    assert values.figure(HOURS, None, "en") == "not set"


@pytest.mark.parametrize("places", range(16))
def test_the_page_says_what_the_watch_takes(places: int) -> None:
    """Whatever is set of the four places, for an institution and table, and in general."""
    every = [(ORG, TABLE, 0.1), (ORG, "*", 0.2), ("*", TABLE, 0.3), ("*", "*", 0.4)]
    entries: list[dict[str, Any]] = [
        {"org": org, "table": table, "name": RATE["name"], "value": value}
        for number, (org, table, value) in enumerate(every)
        if places >> number & 1
    ]
    watch = Thresholds(Threshold(**one) for one in entries)
    for org, table in ((ORG, TABLE), (ORG, "*"), ("*", TABLE), ("*", "*")):
        value, (zh, en) = values.holds(RATE, entries, org, table)
        assert value == watch.value(str(RATE["name"]), org, table)
        assert zh
        assert en


def test_what_holds_says_where_it_is_set() -> None:
    entries = [{"org": ORG, "table": "*", "name": RATE["name"], "value": 0.2}]
    assert values.holds(RATE, entries, ORG, TABLE) == (0.2, ("该机构", "institution"))
    assert values.holds(RATE, entries, "*", TABLE) == (0.05, ("默认", "default"))
