"""Judgements: always what a fresh computation gives, whatever the order in which things came, and no more work."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.schedule import QuietTimeStore
from clickhouse.thresholds import Threshold, ThresholdStore
from streams.rollup import Months
from tests.streams.watch.build import CHARGES, HOSPITAL, at, hospital, quiet
from tests.streams.watch.scene import Scene

DAY = date(2026, 11, 19)
NOW = at("2026-11-20 13:00")
WEEK = timedelta(weeks=1)


@pytest.fixture
def judged(scene: Scene) -> Scene:
    """A hospital with a thousand rows, ten of them bad, on each of six Thursdays."""
    scene.orgs(hospital(starts_on=date(2026, 1, 1)))
    scene.put([scene.cell(DAY - week * WEEK, 1000, bad=10) for week in range(6)])
    return scene


def test_numerator_denominator_baseline_and_thresholds_are_kept(judged: Scene) -> None:
    judged.watch().run(NOW)
    rate, volume = judged.judgement(DAY, "anomaly_rate"), judged.judgement(DAY, "volume")
    names = ("numerator", "denominator", "baseline", "warning", "critical", "verdict")
    assert [rate[name] for name in names] == [10, 1000, 0.01, 0.05, 0.2, "ok"]
    assert (volume["numerator"], volume["denominator"], volume["spread"], volume["verdict"]) == (1000, 1000, 0, "ok")
    assert math.isnan(judged.judgement(DAY - 5 * WEEK, "volume")["baseline"])


def test_a_second_run_writes_nothing_and_a_changed_day_only_itself_and_those_judged_by_it(judged: Scene) -> None:
    runs = judged.watch()
    runs.run(NOW)
    before = written(judged.clickhouse)
    runs.run(NOW + timedelta(seconds=30))
    assert written(judged.clickhouse) == before
    judged.came(DAY, 500, bad=400, stretch=1)
    runs.run(NOW + timedelta(seconds=60))
    assert written(judged.clickhouse) == before + 2
    assert judged.judgement(DAY, "anomaly_rate")["verdict"] == "critical"


def test_changing_a_threshold_judges_what_is_stored_again_without_any_record(judged: Scene) -> None:
    runs = judged.watch()
    runs.run(NOW)
    judged.clickhouse.command("TRUNCATE TABLE ledger")
    store = ThresholdStore(judged.clickhouse)
    store.save([Threshold(HOSPITAL, CHARGES, "anomaly_rate_warning", 0.01)], "test")
    held = runs.run(NOW + timedelta(seconds=30))
    assert judged.judgement(DAY, "anomaly_rate")["verdict"] == "warning"
    assert judged.judgement(DAY - 5 * WEEK, "anomaly_rate")["verdict"] == "warning"
    assert f"anomaly_rate|{HOSPITAL}|{CHARGES}|{DAY}" in held
    store.delete([(HOSPITAL, CHARGES, "anomaly_rate_warning")], "test")
    held = runs.run(NOW + timedelta(seconds=60))
    assert judged.judgement(DAY, "anomaly_rate")["verdict"] == "ok"
    assert not any(key.startswith("anomaly_rate") for key in held)


def test_judgements_do_not_depend_on_the_order_in_which_days_came(judged: Scene) -> None:
    in_order = judged.watch()
    in_order.run(NOW)
    expected = judgements(judged.clickhouse)
    judged.clickhouse.command("TRUNCATE TABLE ledger_days")
    judged.clickhouse.command("TRUNCATE TABLE judgements")
    runs = judged.watch()
    for number, week in enumerate((3, 0, 5, 1, 4, 2)):
        judged.came(DAY - week * WEEK, 1000, bad=10)
        runs.run(NOW + timedelta(seconds=30 * number))
    assert judgements(judged.clickhouse) == expected


def test_days_of_incidents_are_out_of_the_baselines(judged: Scene) -> None:
    for week in (1, 2, 3):
        judged.came(DAY - week * WEEK, 90_000, stretch=1)
    runs = judged.watch()
    runs.run(NOW)
    assert judged.judgement(DAY, "volume")["baseline"] == 91_000
    times = [quiet("incident", f"{DAY - week * WEEK} 08:00", f"{DAY - week * WEEK} 09:00") for week in (1, 2, 3)]
    QuietTimeStore(judged.clickhouse).save(times[:1], "test")
    runs.run(NOW + timedelta(seconds=30))
    assert judged.judgement(DAY, "volume")["baseline"] == 46_000
    QuietTimeStore(judged.clickhouse).save(times, "test")
    runs.run(NOW + timedelta(seconds=60))
    assert math.isnan(judged.judgement(DAY, "volume")["baseline"])
    assert judged.judgement(DAY, "volume")["verdict"] == "too_few"


def test_a_day_declared_empty_has_no_rate_and_counts_as_no_rows(judged: Scene) -> None:
    judged.came(DAY - WEEK, 0, empty=True)
    judged.clickhouse.command(f"DELETE FROM ledger_days WHERE biz_date = '{DAY - WEEK}' AND received > 0")
    judged.watch().run(NOW)
    assert judged.judgement(DAY - WEEK, "anomaly_rate")["verdict"] == "no_data"
    assert judged.judgement(DAY - WEEK, "volume")["numerator"] == 0


def test_orphans_are_judged_by_rule_and_what_was_resolved_later_is_ok_again(judged: Scene) -> None:
    put_store(judged.clickhouse, failed=30, run_at="2026-11-20 09:00")
    runs = judged.watch()
    key = f"association|{HOSPITAL}||{DAY}"
    assert runs.run(NOW)[key].severity == "critical"
    put_store(judged.clickhouse, failed=0, run_at="2026-11-20 13:00")
    assert key not in runs.run(NOW + timedelta(seconds=30))


def test_a_mapping_rate_recovers_as_soon_as_the_codes_are_mapped(judged: Scene) -> None:
    put_codes(judged.clickhouse, {"D1": ("S1", 60), "D2": ("", 40)})
    maps = CodeMapStore(judged.clickhouse, lambda: NOW)
    maps.save(HOSPITAL, "drug", [MapEntry("D1", "一", "S1")], "test")
    runs = judged.watch()
    held = runs.run(NOW)
    low, new = f"mapping|{HOSPITAL}||{DAY}|drug", f"mapping|{HOSPITAL}|||new-drug"
    assert (held[low].severity, held[low].numerator, held[low].denominator) == ("critical", 60, 100)
    assert held[low].details["unmapped"] == [{"code": "D2", "rows": 40, "first_day": str(DAY)}]
    assert (held[new].severity, held[new].numerator) == ("info", 1)
    maps.save(HOSPITAL, "drug", [MapEntry("D2", "二", "S2")], "test")
    held = runs.run(NOW + timedelta(seconds=30))
    assert low not in held
    assert new not in held
    assert judged.judgement(DAY, "mapping", "")["numerator"] == 100


def test_which_codes_have_to_be_mapped_is_what_the_facts_of_the_day_say_and_nothing_else(judged: Scene) -> None:
    put_codes(judged.clickhouse, {"D1": ("D1", 60), "D2": ("", 40)})
    assert judged.clickhouse.rows("SELECT count() AS n FROM unmapped_codes") == [{"n": 0}]
    held = judged.watch().run(NOW)
    low = held[f"mapping|{HOSPITAL}||{DAY}|drug"]
    assert (low.numerator, low.denominator) == (60, 100)
    assert [code["code"] for code in held[f"mapping|{HOSPITAL}|||new-drug"].details["unmapped"]] == ["D2"]


def test_figures_of_rows_that_are_gone_become_no_data(judged: Scene) -> None:
    put_codes(judged.clickhouse, {"D2": ("", 40)})
    runs = judged.watch()
    assert f"mapping|{HOSPITAL}||{DAY}|drug" in runs.run(NOW)
    put_codes(judged.clickhouse, {}, computed="2026-11-20 13:00")
    assert f"mapping|{HOSPITAL}||{DAY}|drug" not in runs.run(NOW + timedelta(seconds=30))
    assert judged.judgement(DAY, "mapping", "")["verdict"] == "no_data"


def put_store(clickhouse: ClickHouse, failed: int, run_at: str) -> None:
    """A hundred charges, ``failed`` of them without their patient."""
    row = {
        "biz_date": DAY, "org": HOSPITAL, "table": CHARGES, "rule_id": "SF03", "kind": "parent",
        "severity": "warning", "checked": 100, "failed": failed, "run_at": at(run_at),
    }  # fmt: skip
    clickhouse.insert("store_days", pl.DataFrame([row]))


def put_codes(
    clickhouse: ClickHouse, codes: dict[str, tuple[str, int]], computed: str = "2026-11-20 09:00"
) -> None:  # fmt: skip
    """Facts of the day: drug codes of charges that have to be mapped, with their standard code and rows."""
    row = {
        "biz_date": DAY, "org": HOSPITAL, "table": CHARGES, "rows": 100, "standing": 0,
        "codes": [
            {"column": "MXXMBM", "map": "drug", "code": code, "standard_code": standard, "rows": rows}
            for code, (standard, rows) in codes.items()
        ],
        "up_to": at(computed), "computed_at": at(computed),
    }  # fmt: skip
    kind = pl.Struct(dict.fromkeys(("column", "map", "code", "standard_code"), pl.String) | {"rows": pl.UInt64})
    clickhouse.insert("day_facts", pl.DataFrame([row], schema_overrides={"codes": pl.List(kind)}))
    Months(clickhouse).mend(at(computed))


def written(clickhouse: ClickHouse) -> int:
    """Judgements that were written, older versions too (no merge happens within a test's second)."""
    return int(clickhouse.rows("SELECT count() AS n FROM judgements")[0]["n"])


def judgements(clickhouse: ClickHouse) -> list[dict[str, Any]]:
    """Every judgement, comparable (NaN as text), without its time."""
    rows = clickhouse.rows("SELECT * EXCEPT judged_at FROM judgements FINAL ORDER BY ALL")
    return [{name: str(value) for name, value in row.items()} for row in rows]
