"""What landed between two looks, as data."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.console.live.board import Counts, Step
from api.console.live.landed import new, raised, read, stepped

DAY = date(2026, 11, 20)


def row(step: int, received: int, today: int | None = None, **more: Any) -> dict[str, Any]:
    of_today = received if today is None else today
    usual = {
        "org": "A", "biz_date": DAY, "topic_id": "t", "partition": 0, "stretch": 4, "step": step, "received": received,
        "accepted": received, "rejected": 0, "slowest_ms": 5, "received_today": of_today, "accepted_today": of_today,
        "rejected_today": 0, "flagged_today": 0, "unreadable_today": 0,
    }  # fmt: skip
    return usual | more


def counts(received: int) -> Counts:
    return Counts(received, received, 0, 0, 0)


def test_only_what_has_come_since_raises_the_totals() -> None:
    before, after = read([row(7, 10)]), read([row(7, 12), row(8, 5, org="B")])
    assert raised({"A": counts(100)}, before, after) == {"A": counts(102), "B": counts(5)}
    assert raised({"A": counts(100)}, after, after) == {"A": counts(100)}


def test_what_did_not_arrive_today_is_in_the_throughput_and_not_in_the_totals() -> None:
    after = read([row(7, 10, today=0)])
    assert raised({}, {}, after) == {}
    assert stepped({}, after, 0, 0) == {"A": {7: Step(10, 10, 0, 5)}}


def test_what_is_no_longer_read_is_not_taken_away() -> None:
    assert raised({"A": counts(100)}, read([row(1, 10)]), read([row(9, 3)])) == {"A": counts(103)}


def test_steps_that_were_not_read_again_stay_until_they_are_too_old() -> None:
    known = {"A": {1: Step(1, 1, 0, 1), 5: Step(5, 5, 0, 1), 9: Step(9, 9, 0, 1)}, "B": {1: Step(1, 1, 0, 1)}}
    found = stepped(known, read([row(9, 10), row(9, 2, stretch=5, slowest_ms=80)]), oldest=3, since=8)
    assert found == {"A": {5: Step(5, 5, 0, 1), 9: Step(12, 12, 0, 80)}}


def test_new_is_what_was_not_there_or_has_other_figures() -> None:
    before, after = read([row(7, 10), row(8, 1)]), read([row(7, 10), row(8, 2), row(9, 1)])
    assert {key.step for key in new(before, after)} == {8, 9}
