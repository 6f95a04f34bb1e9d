"""Texts become numbers, times and dates; what cannot be one is empty, never something else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.typed import NUMBER, times, to_zone, with_typed
from tests.streams.unit.build import CHARGES, PATIENTS, decider

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def time_of(text: str | None, epoch_is: str = "local") -> datetime | None:
    found: list[datetime | None] = times(pl.Series([text], dtype=pl.String), epoch_is).to_list()
    return found[0]


def typed(table: str, column: str, *texts: str | None) -> list[Any]:
    spec = decider().tables[table]
    frame = pl.DataFrame({name.name: pl.Series([None] * len(texts), dtype=pl.String) for name in spec.columns})
    frame = frame.with_columns(pl.Series(column, texts, dtype=pl.String))
    return with_typed(frame, spec)[column + "#"].to_list()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-21 08:00:00", "2026-11-21 08:00:00"),
        ("2026-11-21T08:00:00", "2026-11-21 08:00:00"),
        ("2026-11-21 08:00:00.5", "2026-11-21 08:00:00.500"),
        ("2026-11-21T08:00:00.123", "2026-11-21 08:00:00.123"),
        ("2026-11-21T08:00:00.123456789", "2026-11-21 08:00:00.123"),
        ("2026-11-21 08:00", "2026-11-21 08:00:00"),
        ("2026-11-21", "2026-11-21 00:00:00"),
        ("20261121", "2026-11-21 00:00:00"),
        ("20261121080102", "2026-11-21 08:01:02"),
        ("2026-11-21T08:00:00+08:00", "2026-11-21 08:00:00"),
        ("2026-11-21T08:00:00Z", "2026-11-21 16:00:00"),
        ("2026-11-21t08:00:00z", "2026-11-21 16:00:00"),
        ("2026-11-21 08:00:00.25-05:00", "2026-11-21 21:00:00.250"),
        ("2026-11-21T00:00:00+08:00", "2026-11-21 00:00:00"),
        ("2024-02-29 12:00:00", "2024-02-29 12:00:00"),
        ("20240229", "2024-02-29 00:00:00"),
        ("2000-02-29", "2000-02-29 00:00:00"),
        ("1900-01-01 00:00:00", "1900-01-01 00:00:00"),
        ("2299-12-31 23:59:59", "2299-12-31 23:59:59"),
        ("1795161600000", "2026-11-20 08:00:00"),
        ("1795161600123", "2026-11-20 08:00:00.123"),
        ("1795161600123456", "2026-11-20 08:00:00.123"),
    ],
)
def test_every_format_of_the_standard_is_read(text: str, meant: str) -> None:
    assert time_of(text) == at(meant)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "-", "soon", "2026", "202611", "2026-11", "2026-13-01", "2026-11-31", "2023-02-29", "1900-02-29",
        "20230229", "20261121080", "2026112108", "202611210800", "20261121240000", "20261121086000",
        "2026-11-21 25:00:00",
        "2026-11-21 08:61:00", "1899-12-31 23:59:59", "2300-01-01 00:00:00", "0000-00-00 00:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59", "12026-11-21 08:00:00", "21/11/2026", "2026/11/21", "2026-11-21 08:00:00 PM",
        "2026-11-21T08:00:00+99:00", "2026-11-21T08:00:00+8", "179516160000",
        "17951616000000000", "-1795161600000", "２０２６-11-21", "2026-11-21 08:00:00\n",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert time_of(text) is None


def test_epoch_numbers_are_a_wall_clock_or_a_moment_as_the_setting_says() -> None:
    for text in ("1795161600000", "1795161600000000"):
        assert time_of(text, "local") == at("2026-11-20 08:00:00")
        assert time_of(text, "utc") == at("2026-11-20 16:00:00")
    assert time_of("2026-11-20 08:00:00", "utc") == at("2026-11-20 08:00:00")


def test_formats_may_be_mixed_in_one_column() -> None:
    texts = [
        "20261121",
        "2026-11-21 08:00:00",
        "-",
        "1795161600000",
        None,
        "2026-11-21T08:00:00Z",
        "x",
        "20261121080000",
    ]
    for turn in range(len(texts)):
        turned = texts[turn:] + texts[:turn]
        assert times(pl.Series(turned)).to_list() == [time_of(text) for text in turned]


def test_a_column_without_any_value_has_no_times() -> None:
    assert times(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]
    assert times(pl.Series([], dtype=pl.String)).to_list() == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("19900307", date(1990, 3, 7)),
        ("20240229", date(2024, 2, 29)),
        ("20230229", None),
        ("1990307", None),
        ("199003071", None),
        ("1990-03-07", None),
        ("18991231", None),
        ("23000101", None),
        ("00000000", None),
        ("-", None),
        ("", None),
        (None, None),
        ("1990 307", None),
        ("+1990307", None),
    ],
)
def test_a_date_has_eight_digits_and_exists(text: str | None, meant: date | None) -> None:
    assert typed(PATIENTS, "CSRQ", text) == [meant]
    assert typed(PATIENTS, "CSRQ", "20000101", text, "20000102") == [date(2000, 1, 1), meant, date(2000, 1, 2)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12.50", "12.5"), ("0.1", "0.1"), ("0.0001", "0.0001"), ("-25", "-25"), ("+5", "5"), (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"), ("007", "7"), ("-0", "0"), ("99999999999999.9999", "99999999999999.9999"),
        ("0.00004", "0"), ("0.00006", "0.0001"),
        ("", None), (None, None), ("-", None), ("abc", None), ("1,000", None), ("12元", None), ("1 000", None),
        ("NaN", None), ("inf", None), ("１２", None), ("0x10", None), ("1_000", None), ("--1", None), ("1.2.3", None),
        ("123456789012345", None), ("1e400", None),
    ],
)  # fmt: skip
def test_a_number_is_an_exact_decimal_with_four_places(text: str | None, meant: str | None) -> None:
    assert typed(CHARGES, "MXXMDJ", text) == [None if meant is None else Decimal(meant)]


@settings(max_examples=50, deadline=None)
@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4))
def test_no_amount_loses_a_digit(amount: Decimal) -> None:
    assert typed(CHARGES, "MXXMDJ", f"{amount:f}") == [amount]
    assert pl.Decimal(18, 4) == NUMBER


def test_the_text_stays_beside_the_value() -> None:
    spec = decider().tables[CHARGES]
    frame = pl.DataFrame({c.name: pl.Series(["x"], dtype=pl.String) for c in spec.columns})
    both = with_typed(frame, spec)
    assert both.select(frame.columns).equals(frame)
    assert [name for name in both.columns if name.endswith("#")] == [
        c.name + "#" for c in spec.columns if c.type != "text"
    ]


def zoned(*texts: str) -> list[datetime]:
    moments: list[datetime] = to_zone(pl.Series([at(text) for text in texts], dtype=pl.Datetime("ms"))).to_list()
    return moments


@pytest.mark.parametrize(
    ("wall_clock", "utc"),
    [
        ("2026-11-21 08:00:00", "2026-11-21 00:00:00"),
        ("1992-01-01 00:00:00", "1991-12-31 16:00:00"),
        ("1991-09-15 02:30:00", "1991-09-14 18:30:00"),  # after the last summer
        ("1988-07-01 12:00:00", "1988-07-01 03:00:00"),  # summer time: UTC+9
        ("1988-12-01 12:00:00", "1988-12-01 04:00:00"),
        ("1986-05-04 01:59:59", "1986-05-03 17:59:59"),
        ("1986-05-04 02:30:00", "1986-05-03 18:30:00"),  # left out: read as the hour after it, 03:30 summer time
        ("1986-05-04 03:00:00", "1986-05-03 18:00:00"),
        ("1986-09-14 01:30:00", "1986-09-13 16:30:00"),  # came twice: the earlier one
        ("1986-09-14 02:30:00", "1986-09-13 18:30:00"),
        ("1970-01-01 00:00:00", "1969-12-31 16:00:00"),
        ("2299-12-31 23:59:59", "2299-12-31 15:59:59"),
    ],
)
def test_a_wall_clock_time_becomes_the_moment_in_shanghai(wall_clock: str, utc: str) -> None:
    meant = at(utc).replace(tzinfo=UTC).timestamp()  # a number: Python never calls a time that came twice equal
    assert [moment.timestamp() for moment in zoned(wall_clock)] == [meant]
    assert zoned("2026-01-01 00:00:00", wall_clock, "1986-05-04 02:30:00")[1].timestamp() == meant


def test_moments_of_old_times_show_the_hospitals_clock() -> None:
    for text in ("1900-06-01 00:00:00", "1940-07-01 12:00:00", "1988-07-01 12:00:00", "2026-11-21 08:00:00"):
        [moment] = zoned(text)
        assert moment.astimezone(SHANGHAI).replace(tzinfo=None) == at(text)


def test_empty_times_stay_empty() -> None:
    nothing = pl.Series([None, None], dtype=pl.Datetime("ms"))
    assert to_zone(nothing).to_list() == [None, None]
    assert to_zone(nothing).dtype == pl.Datetime("ms", "Asia/Shanghai")
    mixed = pl.Series([None, at("1988-07-01 12:00:00"), at("2026-11-21 08:00:00")], dtype=pl.Datetime("ms"))
    assert [moment is None for moment in to_zone(mixed).to_list()] == [True, False, False]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.datetimes(at("1992-01-01"), at("2299-12-31")), min_size=1, max_size=5))
def test_after_the_last_clock_change_shanghai_is_eight_hours_ahead(clocks: list[datetime]) -> None:
    whole = [clock.replace(microsecond=clock.microsecond // 1000 * 1000) for clock in clocks]
    moments = to_zone(pl.Series(whole, dtype=pl.Datetime("ms"))).to_list()
    assert moments == [clock.replace(tzinfo=timezone(timedelta(hours=8))) for clock in whole]
