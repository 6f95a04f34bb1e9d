"""When a file may be submitted: days of Shanghai, numbers of a month, months that were opened."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.submissions.rules import Opening, Rules, allowed, late, refusal
from api.wire import SHANGHAI

RULES = Rules(25, 10, 3)
OCTOBER = date(2026, 10, 1)


def at(*parts: int) -> datetime:
    """A moment in Shanghai."""
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(2026, 10, 24, 23, 59, 59), "too_early"), (at(2026, 10, 25), None), (at(2026, 11, 10, 23, 59, 59), None),
        (at(2026, 11, 11), "window_over"), (datetime(2026, 10, 24, 16, tzinfo=UTC), None),
        (datetime(2026, 11, 10, 16, tzinfo=UTC), "window_over"),
    ],
)  # fmt: skip
def test_a_month_is_open_from_its_25th_to_the_10th_of_the_next_one(moment: datetime, expected: str | None) -> None:
    assert refusal(moment, OCTOBER, RULES, None, 0, under_way=False) == expected


def test_december_and_february_have_their_windows_too() -> None:
    assert RULES.window(date(2026, 12, 1)).closes == at(2027, 1, 11)
    late_opening = Rules(31, 10, 3).window(date(2026, 2, 1))
    assert (late_opening.opens, late_opening.closes) == (at(2026, 2, 28), at(2026, 3, 11))


def test_a_month_that_was_opened_is_open_until_then_and_late() -> None:
    opening = Opening("*", OCTOBER, at(2026, 12, 1), more=1)
    assert refusal(at(2026, 11, 30), OCTOBER, RULES, opening, 3, under_way=False) is None
    assert refusal(at(2026, 11, 30), OCTOBER, RULES, opening, 4, under_way=False) == "no_more_submissions"
    assert refusal(at(2026, 12, 1), OCTOBER, RULES, opening, 0, under_way=False) == "window_over"
    assert late(at(2026, 11, 30), OCTOBER, RULES)
    assert not late(at(2026, 11, 10, 23), OCTOBER, RULES)
    assert allowed(RULES, opening) == 4


def test_three_submissions_of_a_month_and_one_at_a_time() -> None:
    now = at(2026, 11, 1)
    found = [refusal(now, OCTOBER, RULES, None, used, under_way=False) for used in range(4)]
    assert found == [None, None, None, "no_more_submissions"]
    assert refusal(now, OCTOBER, RULES, None, 0, under_way=True) == "submission_under_way"


@given(
    st.dates(date(2020, 1, 1), date(2040, 12, 1)), st.integers(1, 31), st.integers(1, 28),
)  # fmt: skip
def test_a_window_always_opens_in_its_month_and_closes_in_the_next(day: date, opens: int, closes: int) -> None:
    month = day.replace(day=1)
    found = Rules(opens, closes, 3).window(month)
    assert (found.opens.year, found.opens.month) == (month.year, month.month)
    assert found.opens < found.closes
    assert not found.holds(found.closes)
    assert found.holds(found.opens)
