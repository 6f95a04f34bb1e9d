"""Whether our own ingest is far enough to judge, and whether we were there at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from streams.watch.outages import find_outage
from streams.watch.watermark import Watermark
from tests.streams.watch.build import at

T1, T2, T3 = at("2026-11-20 08:00"), at("2026-11-20 08:01"), at("2026-11-20 08:02")


def test_when_everything_has_landed_the_watermark_is_now() -> None:
    mark = Watermark()
    mark.look(T1, {0: (0, 10), 1: (0, 0)}, {0: 9})
    assert (mark.value, mark.lag) == (T1, 0)


def test_what_waits_in_one_partition_holds_the_watermark_until_it_has_landed() -> None:
    mark = Watermark()
    mark.look(T1, {0: (0, 10), 1: (0, 5)}, {0: 9, 1: 4})
    mark.look(T2, {0: (0, 30), 1: (0, 5)}, {0: 12, 1: 4})
    assert (mark.value, mark.lag) == (T1, 17)
    mark.look(T3, {0: (0, 50), 1: (0, 5)}, {0: 29, 1: 4})
    assert (mark.value, mark.lag) == (T2, 20)


def test_a_restart_keeps_what_was_known_and_goes_on_from_there() -> None:
    mark = Watermark(T1)
    mark.look(T2, {0: (0, 30)}, {0: 12})
    assert mark.value == T1
    mark.look(T3, {0: (0, 30)}, {0: 29})
    assert mark.value == T3


def test_nothing_is_known_before_the_first_time_that_all_has_landed() -> None:
    mark = Watermark()
    mark.look(T1, {0: (0, 30)}, {0: 12})
    assert mark.value is None


def test_records_that_the_topic_no_longer_holds_are_not_waited_for() -> None:
    mark = Watermark()
    mark.look(T1, {0: (100, 100)}, {})
    assert (mark.value, mark.lag) == (T1, 0)


def test_the_watermark_never_goes_back() -> None:
    mark = Watermark(T3)
    mark.look(T1, {0: (0, 1)}, {0: 0})
    assert mark.value == T3


EVERY = timedelta(seconds=30)


@pytest.mark.parametrize(("away", "found"), [("02:59", False), ("03:00", True)])
def test_a_restart_of_a_minute_is_no_outage_three_minutes_are(away: str, found: bool) -> None:
    now = T1 + timedelta(minutes=int(away[:2]), seconds=int(away[3:]))
    assert (find_outage(T1, now, EVERY, 60) is not None) == found


def test_an_outage_ends_now_and_people_have_an_hour_to_send_again() -> None:
    outage = find_outage(T1, T1 + timedelta(hours=2), EVERY, 60)
    assert outage is not None
    assert (outage.start, outage.end, outage.until) == (T1, at("2026-11-20 10:00"), at("2026-11-20 11:00"))


def test_the_first_run_of_all_finds_no_outage_and_rare_runs_are_none() -> None:
    assert find_outage(None, T1, EVERY, 60) is None
    assert find_outage(T1, T1 + timedelta(minutes=30), timedelta(minutes=10), 60) is None
