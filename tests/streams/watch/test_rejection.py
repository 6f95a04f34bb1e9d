"""Rejected rows that nobody corrected: by table, and by day of arrival where their own day cannot be read."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from clickhouse.thresholds import Threshold, ThresholdStore
from streams.rollup.facts import STANDING_DAYS
from tests.streams.watch.build import CHARGES, HOSPITAL, at, hospital
from tests.streams.watch.scene import Scene

NOW = at("2026-11-20 07:00")
TODAY, UNKNOWN, DAY = date(2026, 11, 20), date(1970, 1, 1), timedelta(days=1)
DATED, UNDATED = f"rejection|{HOSPITAL}|{CHARGES}|", f"rejection|{HOSPITAL}|{CHARGES}|{TODAY}|undated"


@pytest.fixture
def quiet(scene: Scene) -> Scene:
    """A hospital that owes nothing yet."""
    scene.orgs(hospital(starts_on=TODAY))
    return scene


def standing(scene: Scene, day: date, *arrived: tuple[date, int], computed: str = "2026-11-20 06:00") -> None:
    """Facts of a day: rejected rows that stand, by day of arrival."""
    row = {
        "biz_date": day, "org": HOSPITAL, "table": CHARGES, "rows": 0, "standing": sum(rows for _, rows in arrived),
        "standing_days": [{"day": on, "rows": rows} for on, rows in arrived], "up_to": at(computed),
        "computed_at": at(computed),
    }  # fmt: skip
    scene.clickhouse.insert("day_facts", pl.DataFrame([row], schema_overrides={"standing_days": STANDING_DAYS}))


def test_rejected_rows_without_a_readable_date_are_a_case_of_the_day_on_which_they_came(quiet: Scene) -> None:
    standing(quiet, UNKNOWN, (TODAY - DAY, 2), (TODAY, 3))
    held = quiet.watch().run(NOW)
    assert set(held) == {UNDATED, UNDATED.replace(str(TODAY), str(TODAY - DAY))}
    one = held[UNDATED]
    assert (one.kind, one.severity, one.biz_date, one.numerator) == ("rejection", "warning", TODAY, 3)
    assert "2026-11-20 收到的数据中有 3 行业务日期无法识别，被拒收后尚未更正" in one.zh
    assert "3 rejected rows that came on 2026-11-20 have no readable business date" in one.en
    assert "业务日期" in one.fix_zh
    assert one.details["undated"] is True


def test_the_case_ends_when_the_rows_were_sent_right(quiet: Scene) -> None:
    standing(quiet, UNKNOWN, (TODAY, 3))
    runs = quiet.watch()
    runs.run(NOW)
    assert runs.open_cases(NOW) == {UNDATED}
    standing(quiet, UNKNOWN, computed="2026-11-20 07:01")
    assert runs.run(NOW + timedelta(minutes=2)) == {}
    runs.run(NOW + timedelta(minutes=13))
    assert runs.open_cases(NOW + timedelta(minutes=13)) == set()


def test_rows_with_a_date_are_one_case_a_table(quiet: Scene) -> None:
    standing(quiet, TODAY - DAY, (TODAY, 2))
    standing(quiet, TODAY - 2 * DAY, (TODAY, 5))
    held = quiet.watch().run(NOW)
    assert list(held) == [DATED]
    assert (held[DATED].numerator, held[DATED].denominator) == (7, 2)


def test_the_threshold_of_rejected_rows_counts_for_those_without_a_date_too(quiet: Scene) -> None:
    standing(quiet, UNKNOWN, (TODAY, 3))
    store = ThresholdStore(quiet.clickhouse)
    store.save([Threshold(HOSPITAL, CHARGES, "rejection_rows", 4)], "test")
    assert quiet.watch().run(NOW) == {}
    store.save([Threshold(HOSPITAL, CHARGES, "rejection_rows", 3)], "test")
    assert list(quiet.watch().run(NOW)) == [UNDATED]


def test_what_came_before_the_days_that_are_watched_is_left_to_the_reports(quiet: Scene) -> None:
    standing(quiet, UNKNOWN, (TODAY - 61 * DAY, 1))
    assert len(quiet.watch().run(NOW)) == 1
    standing(quiet, UNKNOWN, (TODAY - 62 * DAY, 1), computed="2026-11-20 06:30")
    assert quiet.watch().run(NOW) == {}
