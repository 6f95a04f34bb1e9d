"""The period of a report: months and days of the calendar in Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.errors import ApiError
from api.indicators.filters import MAX_DAYS, month_days, period, shanghai_day

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("month", "last"), [("2028-02", 29), ("2026-02", 28), ("2100-02", 28), ("2000-02", 29), ("2026-12", 31)]
)
def test_a_month_ends_on_its_own_last_day(month: str, last: int) -> None:
    first_day, last_day = month_days(month)
    assert (first_day.day, last_day.day) == (1, last)
    assert f"{first_day:%Y-%m}" == f"{last_day:%Y-%m}" == month


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "2026-1", "202611", "1999-12", "2101-01", "2026-11-01", "xxxx-01"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ApiError, match="invalid"):
        month_days(month)


def test_the_day_is_that_of_shanghai_whatever_the_clock_of_the_server() -> None:
    assert shanghai_day(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == date(2026, 11, 30)
    assert shanghai_day(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == date(2026, 12, 1)


def test_without_a_period_it_is_the_month_of_today_and_one_end_gives_the_other() -> None:
    assert period("", None, None, TODAY) == (date(2026, 11, 1), date(2026, 11, 30))
    assert period("", date(2026, 10, 5), None, TODAY) == (date(2026, 10, 5), TODAY)
    assert period("", None, date(2026, 10, 5), TODAY) == (date(2026, 10, 1), date(2026, 10, 5))
    assert period("", date(2026, 12, 5), None, TODAY) == (date(2026, 12, 5), date(2026, 12, 5))
    assert period("", date(2028, 2, 29), date(2028, 2, 29), TODAY) == (date(2028, 2, 29), date(2028, 2, 29))


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), None),
        ("", date(2026, 11, 2), date(2026, 11, 1)),
        ("", date(1999, 12, 31), date(2000, 1, 1)),
        ("", date(2100, 12, 31), date(2101, 1, 1)),
        ("", date(2026, 1, 1), date.fromordinal(date(2026, 1, 1).toordinal() + MAX_DAYS)),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(month: str, first: date | None, last: date | None) -> None:
    with pytest.raises(ApiError, match="invalid"):
        period(month, first, last, TODAY)


def test_a_year_beside_the_same_month_before_is_not_too_long() -> None:
    assert period("", date(2027, 2, 1), date(2028, 2, 29), TODAY)[1] == date(2028, 2, 29)
