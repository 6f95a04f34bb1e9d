"""Baselines and verdicts: what fires, and what does not because it says nothing."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from clickhouse.thresholds import Threshold
from streams.watch import verdicts
from streams.watch.baseline import LEAST, WEEKS, history_days, later_days, with_baseline
from streams.watch.thresholds import THRESHOLDS, Thresholds
from tests.streams.watch.build import CHARGES, HOSPITAL

DAY = date(2026, 11, 19)
NAN = math.nan


def cells(numerator: float, denominator: float = NAN, baseline: float = NAN, spread: float = NAN) -> pl.DataFrame:
    row: dict[str, Any] = {
        "org": HOSPITAL, "table": CHARGES, "numerator": numerator, "denominator": denominator, "baseline": baseline,
        "spread": spread,
    }  # fmt: skip
    return pl.DataFrame([row], schema_overrides=dict.fromkeys(list(row)[2:], pl.Float64))


def rate(bad: float, received: float, baseline: float = NAN, spread: float = NAN, *given: Threshold) -> str:
    known = Thresholds(given).frame(cells(bad, received, baseline, spread), verdicts.ANOMALY_RATE)
    return str(verdicts.anomaly_rate(known)["verdict"][0])


@pytest.mark.parametrize(
    ("bad", "received", "verdict"),
    [
        (0, 0, "no_data"), (29, 29, "too_few"), (0, 30, "ok"), (49, 1000, "ok"), (50, 1000, "warning"),
        (199, 1000, "warning"), (200, 1000, "critical"),
    ],
)  # fmt: skip
def test_five_percent_are_a_warning_twenty_critical_and_few_rows_or_none_are_never_ok(
    bad: int, received: int, verdict: str
) -> None:
    assert rate(bad, received) == verdict


def test_a_rate_far_above_the_weekdays_median_is_a_warning_below_the_fixed_threshold() -> None:
    assert rate(400, 10_000, baseline=0.005, spread=0.001) == "warning"
    assert rate(400, 10_000) == "ok"


def test_one_bad_row_after_eight_clean_weeks_is_chance() -> None:
    assert rate(1, 40, baseline=0.0, spread=0.0) == "ok"


def test_a_rate_that_varies_much_is_not_unusual() -> None:
    assert rate(400, 10_000, baseline=0.01, spread=0.01) == "ok"


def test_a_threshold_of_the_institution_holds_before_one_of_the_table_or_of_all() -> None:
    given = [
        Threshold("*", "*", "anomaly_rate_warning", 0.5), Threshold("*", CHARGES, "anomaly_rate_warning", 0.3),
        Threshold(HOSPITAL, "*", "anomaly_rate_warning", 0.1),
        Threshold(HOSPITAL, CHARGES, "anomaly_rate_warning", 0.01),
    ]  # fmt: skip
    values = [Thresholds(given[:many]).value("anomaly_rate_warning", HOSPITAL, CHARGES) for many in range(5)]
    assert values == [0.05, 0.5, 0.3, 0.1, 0.01]
    assert rate(20, 1000, NAN, NAN, *given) == "warning"


def test_every_threshold_is_explained_in_both_languages() -> None:
    assert all(one.zh and one.en and one.name == name for name, one in THRESHOLDS.items())


def volume(received: float, baseline: float = NAN, spread: float = NAN) -> str:
    known = Thresholds().frame(cells(received, NAN, baseline, spread), verdicts.VOLUME)
    return str(verdicts.volume(known)["verdict"][0])


@pytest.mark.parametrize(
    ("received", "baseline", "spread", "verdict"),
    [
        (500, NAN, NAN, "too_few"), (1, 29, 0, "too_few"), (1000, 1000, 20, "ok"), (501, 1000, 20, "ok"),
        (499, 1000, 20, "warning"), (199, 1000, 20, "critical"), (0, 1000, 20, "critical"), (2001, 1000, 20, "warning"),
        (499, 1000, 100, "ok"), (1, 30, 0, "critical"), (14, 30, 0, "ok"),
    ],
)  # fmt: skip
def test_volume_is_judged_by_share_of_the_median_and_by_how_much_the_weekday_varies(
    received: float, baseline: float, spread: float, verdict: str
) -> None:
    assert volume(received, baseline, spread) == verdict


@pytest.mark.parametrize(
    ("mapped", "rows", "verdict"),
    [(0, 0, "no_data"), (0, 29, "too_few"), (90, 100, "ok"), (89, 100, "warning"), (69, 100, "critical")],
)
def test_mapping_is_too_low_below_ninety_and_far_too_low_below_seventy_percent(
    mapped: int, rows: int, verdict: str
) -> None:
    known = Thresholds().frame(cells(mapped, rows), verdicts.MAPPING)
    assert verdicts.mapping(known)["verdict"][0] == verdict


@pytest.mark.parametrize(
    ("failed", "checked", "verdict"),
    [(0, 0, "no_data"), (9, 29, "too_few"), (1, 100, "ok"), (2, 100, "warning"), (10, 100, "critical")],
)
def test_orphans_are_a_warning_from_two_percent_and_critical_from_ten(failed: int, checked: int, verdict: str) -> None:
    known = Thresholds().frame(cells(failed, checked), verdicts.ASSOCIATION)
    assert verdicts.association(known)["verdict"][0] == verdict


def history(values: dict[int, float]) -> pl.DataFrame:
    """Values by days back."""
    rows = [{"biz_date": DAY - timedelta(days=back), "org": "A", "value": value} for back, value in values.items()]
    return pl.DataFrame(rows, schema={"biz_date": pl.Date, "org": pl.String, "value": pl.Float64})


def usual(values: dict[int, float]) -> tuple[float, float]:
    judged = pl.DataFrame({"biz_date": [DAY], "org": ["A"]})
    row = with_baseline(judged, history(values), ["org"]).row(0, named=True)
    return row["baseline"], row["spread"]


def test_the_baseline_is_the_median_of_the_same_weekday_and_the_spread_its_median_deviation() -> None:
    assert usual({7: 10, 14: 12, 21: 14, 28: 100}) == (13, 2)


def test_other_weekdays_the_day_itself_and_weeks_of_long_ago_are_not_in_the_baseline() -> None:
    same = {7: 10.0, 14: 10.0, 21: 10.0, 28: 10.0}
    assert usual(same | {0: 999, 1: 999, 6: 999, 7 * (WEEKS + 1): 999, -7: 999}) == (10, 0)


def test_fewer_than_four_weeks_are_no_history() -> None:
    assert all(math.isnan(part) for part in usual(dict.fromkeys([7 * week for week in range(1, LEAST)], 5.0)))
    assert usual(dict.fromkeys([7 * week for week in range(1, LEAST + 1)], 5.0)) == (5, 0)


def test_a_day_is_judged_again_when_one_of_its_baseline_changes_and_only_then() -> None:
    assert later_days({DAY}, DAY + timedelta(days=20)) == {DAY + timedelta(days=7), DAY + timedelta(days=14)}
    assert all(DAY in later_days({day}, DAY) for day in history_days([DAY]))
