"""Runs of the watch: what holds and what becomes of it, across deadlines, restarts, outages, lag and bugs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from clickhouse.client import ClickHouse
from clickhouse.schedule import QuietTimeStore, ScheduleEntry, ScheduleStore
from sanjian.errors import NotNow
from tests.streams.watch.build import CHARGES, CLINIC, HOSPITAL, PATIENTS, WARDS, at, clinic, hospital, quiet
from tests.streams.watch.scene import OUTPATIENT, STANDARD, Scene

DAY = date(2026, 11, 19)
DUE, GRACE = at("2026-11-20 08:00"), at("2026-11-20 12:00")
MINUTE = timedelta(minutes=1)
GAP, LATE = f"gap|{HOSPITAL}||{DAY}", f"late|{HOSPITAL}||{DAY}"
ALL = list(STANDARD.daily)


@pytest.fixture
def owed(scene: Scene) -> Scene:
    """A hospital that owes Thursday 19 November 2026 and later."""
    scene.orgs(hospital(starts_on=DAY))
    return scene


def test_nineteen_missing_tables_are_one_condition_and_it_says_which(owed: Scene) -> None:
    held = owed.watch().run(GRACE)
    assert [key for key in held if key.startswith("gap")] == [GAP]
    gap = held[GAP]
    assert (gap.severity, gap.numerator, gap.denominator, gap.table) == ("critical", 19, 19, "")
    assert gap.details["tables"] == sorted(ALL)


def test_some_missing_tables_are_a_warning_that_names_them(owed: Scene) -> None:
    owed.put([owed.cell(DAY, table=table) for table in ALL if table not in (CHARGES, PATIENTS)])
    gap = owed.watch().run(GRACE)[GAP]
    assert (gap.severity, gap.numerator, gap.details["tables"]) == ("warning", 2, [PATIENTS, CHARGES])
    assert CHARGES in gap.zh
    assert CHARGES in gap.en


def test_what_is_due_is_first_late_then_missing_and_ends_when_it_comes(owed: Scene) -> None:
    runs = owed.watch()
    kinds = [
        sorted(one.kind for one in runs.run(moment).values()) for moment in (DUE - MINUTE, DUE, GRACE - MINUTE, GRACE)
    ]
    assert kinds == [[], ["late"], ["late"], ["gap"]]
    assert runs.open_cases(GRACE) == {GAP}
    owed.put([owed.cell(DAY, table=table, arrived=GRACE + MINUTE) for table in ALL])
    assert runs.run(GRACE + 2 * MINUTE) == {}
    assert runs.open_cases(GRACE + 2 * MINUTE) == set()


def test_what_came_for_other_days_does_not_close_the_gap(owed: Scene) -> None:
    owed.put([owed.cell(DAY + timedelta(days=1), table=table) for table in ALL])
    assert GAP in owed.watch().run(GRACE)


def test_a_restart_across_the_deadline_finds_what_fell_due_meanwhile(owed: Scene) -> None:
    owed.watch().run(DUE - MINUTE)
    assert GAP in owed.watch().run(GRACE + timedelta(hours=5))


def test_without_time_to_send_again_the_first_run_after_an_outage_finds_what_fell_due_in_it(owed: Scene) -> None:
    owed.every, owed.outage_minutes = 30, 0
    owed.watch().run(DUE - MINUTE)
    held = owed.watch().run(GRACE + timedelta(days=2))
    assert [key for key in held if key.startswith("gap")] == [
        f"gap|{HOSPITAL}||{DAY + timedelta(days=day)}" for day in range(3)
    ]


def test_after_an_outage_nobody_is_blamed_until_there_was_time_to_send_again(owed: Scene) -> None:
    owed.every = 30
    owed.watch().run(at("2026-11-20 07:30"))
    runs = owed.watch()
    first = runs.ran(at("2026-11-20 13:00"))
    assert [one.key for one in first.firing] == ["pipeline||||away"]
    assert GAP in first.unknown
    owed.every = 86400
    runs = owed.watch()
    assert list(runs.run(at("2026-11-20 13:59"))) == ["pipeline||||away"]
    owed.put([owed.cell(DAY, table=table, arrived=at("2026-11-20 13:30")) for table in ALL[1:]])
    blamed = runs.run(at("2026-11-20 14:00"))
    assert list(blamed) == [GAP]
    assert blamed[GAP].details["tables"] == ALL[:1]
    assert owed.state(at("2026-11-20 14:00"), DAY, ALL[1]) == ("received", "")


def test_lag_of_our_own_accuses_nobody_and_leaves_open_cases_as_they_are(owed: Scene) -> None:
    owed.ingest.stuck_at = DUE - MINUTE
    runs = owed.watch()
    runs.run(DUE - 2 * MINUTE)
    for moment, key in ((DUE + MINUTE, LATE), (DUE + 3 * MINUTE, LATE)):
        ran = runs.ran(moment)
        assert (list(ran.firing), key in ran.unknown) == ([], True)
    owed.ingest.stuck_at = None
    assert LATE in runs.run(DUE + 5 * MINUTE)
    owed.ingest.stuck_at = DUE - MINUTE
    ran = runs.ran(DUE + 7 * MINUTE)
    assert LATE in ran.unknown
    assert LATE in runs.open_cases(DUE + 7 * MINUTE)


def test_a_long_lag_is_a_condition_of_our_own(owed: Scene) -> None:
    owed.ingest.stuck_at = at("2026-11-20 06:00")
    runs = owed.watch()
    severities = [runs.run(at(f"2026-11-20 {clock}")).get("pipeline||||lag") for clock in ("06:09", "06:10", "06:12")]
    assert [one and one.severity for one in severities] == [None, "warning", "warning"]


def test_holes_in_the_ledger_are_critical_and_unknown_while_nobody_looked(owed: Scene) -> None:
    owed.ingest.missing = 3
    assert owed.watch().run(DUE - MINUTE)["pipeline||||ledger"].severity == "critical"
    owed.ingest.missing = None
    assert "pipeline||||ledger" in owed.watch().ran(DUE - MINUTE).unknown


def test_incidents_and_holidays_blame_nobody(owed: Scene) -> None:
    QuietTimeStore(owed.clickhouse).save([quiet("incident", "2026-11-19 08:00", "2026-11-19 09:00")], "test")
    assert owed.watch().run(GRACE) == {}
    QuietTimeStore(owed.clickhouse).save([quiet("holiday", "2026-11-20 00:00", "2026-11-21 00:00")], "test")
    assert owed.watch().run(at("2026-11-20 12:02")) == {}


def test_a_clinic_is_not_missing_the_tables_of_wards(scene: Scene) -> None:
    scene.orgs(clinic(starts_on=DAY))
    scene.put([scene.cell(DAY, org=CLINIC, table=table) for table in OUTPATIENT])
    assert scene.watch().run(GRACE) == {}
    assert scene.state(GRACE, DAY, WARDS, CLINIC)[0] == "not_expected"


def test_a_bad_day_fires_and_ends_when_the_rows_are_put_right(owed: Scene) -> None:
    owed.put([owed.cell(DAY, 1000, bad=300 if table == CHARGES else 0, table=table) for table in ALL])
    runs = owed.watch()
    key = f"anomaly_rate|{HOSPITAL}|{CHARGES}|{DAY}"
    held = runs.run(GRACE)
    assert list(held) == [key]
    assert (held[key].severity, held[key].numerator, held[key].denominator) == ("critical", 300, 1000)
    assert held[key].threshold == 0.2
    owed.came(DAY, 20_000, stretch=1)
    assert runs.run(GRACE + MINUTE) == {}


def test_few_rows_on_a_weekday_fire_after_grace_many_at_once(owed: Scene) -> None:
    history = [DAY - timedelta(weeks=week) for week in range(1, 6)]
    owed.put([owed.cell(day, 1000, table=table) for day in history for table in ALL])
    owed.put([owed.cell(DAY, {CHARGES: 100, PATIENTS: 3000}.get(table, 1000), table=table) for table in ALL])
    few, many = f"volume|{HOSPITAL}|{CHARGES}|{DAY}", f"volume|{HOSPITAL}|{PATIENTS}|{DAY}"
    runs = owed.watch()
    assert list(runs.run(GRACE - MINUTE)) == [many]
    held = runs.run(GRACE)
    assert {key: one.severity for key, one in held.items()} == {few: "critical", many: "warning"}
    assert (held[few].numerator, held[few].denominator, held[few].baseline) == (100, 1000, 1000)


def test_a_day_declared_empty_against_all_habit_is_told(owed: Scene) -> None:
    history = [DAY - timedelta(weeks=week) for week in range(1, 6)]
    owed.put([owed.cell(day, 1000, table=table) for day in history for table in ALL])
    owed.put([owed.cell(DAY, 1000 if table != CHARGES else 0, table=table, empty=table == CHARGES) for table in ALL])
    held = owed.watch().run(GRACE)
    assert list(held) == [f"volume|{HOSPITAL}|{CHARGES}|{DAY}"]
    assert held[f"volume|{HOSPITAL}|{CHARGES}|{DAY}"].details["declared_empty"] is True


def test_an_open_gap_stays_open_when_its_day_is_watched_no_longer_until_it_is_filled(owed: Scene) -> None:
    entry = ScheduleEntry(expected=False, valid_from=DAY + timedelta(days=1))
    ScheduleStore(owed.clickhouse).save([entry], "test")
    runs = owed.watch()
    runs.run(GRACE)
    later = GRACE + timedelta(days=100)
    runs.watch.heartbeat.beat(later - MINUTE, later, 0, 0, 1)
    assert list(runs.run(later)) == [GAP]
    owed.put([owed.cell(DAY, table=table, arrived=later) for table in ALL])
    assert runs.run(later + MINUTE) == {}
    assert runs.open_cases(later + MINUTE) == set()


def test_gaps_of_long_ago_that_nobody_was_told_of_are_not_begun(owed: Scene) -> None:
    owed.watch().run(GRACE)
    owed.clickhouse.command("TRUNCATE TABLE case_steps")
    ScheduleStore(owed.clickhouse).save([ScheduleEntry(expected=False, valid_from=DAY + timedelta(days=1))], "test")
    later = GRACE + timedelta(days=100)
    runs = owed.watch()
    runs.watch.heartbeat.beat(later - MINUTE, later, 0, 0, 1)
    assert runs.run(later) == {}


def test_two_watchers_find_the_same_and_open_one_case(owed: Scene) -> None:
    one, other = owed.watch(), owed.watch()
    assert one.run(GRACE) == other.run(GRACE)
    steps = owed.clickhouse.rows("SELECT count() AS n FROM case_steps")[0]["n"]
    assert (steps, len(one.notices) + len(other.notices)) == (1, 1)


def test_a_bug_in_one_detector_is_a_case_and_the_others_go_on(owed: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = owed.watch()
    runs.run(GRACE - MINUTE)
    assert LATE in runs.open_cases(GRACE)
    monkeypatch.setattr("streams.watch.detectors.late.detect", broken)
    ran = runs.ran(GRACE - MINUTE / 2)
    assert [one.key for one in ran.firing] == ["pipeline||||failing-watch.late"]
    assert LATE in ran.unknown
    assert LATE in runs.open_cases(GRACE)
    monkeypatch.undo()
    assert list(runs.run(GRACE)) == [GAP]


def test_while_sums_cannot_be_made_nobody_is_accused(owed: Scene) -> None:
    runs = owed.watch()
    runs.watch.refresh_sums = broken
    assert list(runs.run(GRACE)) == ["pipeline||||failing-watch.sums"]


def test_clickhouse_being_away_is_waited_for(owed: Scene) -> None:
    runs = owed.watch()

    def away(now: datetime) -> None:
        raise NotNow("ClickHouse does not answer")

    runs.watch.refresh_sums = away
    with pytest.raises(NotNow):
        runs.run(GRACE)
    assert runs.bugs.failing == {}


def broken(*_: object) -> None:
    raise ZeroDivisionError


def test_test_institutions_are_watched_like_others(scene: Scene) -> None:
    scene.orgs(hospital(starts_on=DAY, test=True))
    assert list(scene.watch().run(GRACE)) == [GAP]


def test_an_institution_that_was_registered_and_never_sends_is_missing_from_that_day_on(scene: Scene) -> None:
    entered = at("2026-11-20 00:30")  # still the 19th where the server's clock shows UTC
    scene.orgs(hospital(starts_on=date(1970, 1, 1)), now=entered)
    runs = scene.watch()
    assert runs.run(entered) == {}
    assert scene.state(entered, DAY) == ("not_expected", "before_start")
    assert runs.run(at("2026-11-21 07:59")) == {}
    assert list(runs.run(at("2026-11-21 08:00"))) == [f"late|{HOSPITAL}||2026-11-20"]
    gap = f"gap|{HOSPITAL}||2026-11-20"
    held = runs.run(at("2026-11-21 12:00"))
    assert list(held) == [gap]
    assert (held[gap].numerator, held[gap].denominator) == (19, 19)
    scene.orgs(hospital(starts_on=date(1970, 1, 1), name="改名"), now=at("2026-11-22 09:00"))
    scene.clickhouse.command("OPTIMIZE TABLE orgs FINAL")
    assert gap in runs.run(at("2026-11-22 09:01"))
    assert gap in scene.watch().run(at("2026-11-22 09:02"))


def test_history_of_the_days_before_it_was_registered_is_expected_too(scene: Scene) -> None:
    scene.orgs(hospital(starts_on=date(1970, 1, 1)), now=at("2026-11-21 09:00"))
    scene.put([scene.cell(day, table=table) for day in (DAY, date(2026, 11, 21)) for table in ALL])
    held = scene.watch().run(at("2026-11-22 13:00"))
    assert list(held) == [f"gap|{HOSPITAL}||2026-11-20"]


def test_every_run_is_written_down_with_where_we_are(owed: Scene) -> None:
    owed.ingest.stuck_at = DUE
    owed.watch().run(GRACE)
    row = last_run(owed.clickhouse)
    assert (row["at"], row["watermark"], row["lag"], row["watcher"]) == (GRACE, DUE, 5, "w1")
    assert row["firing"] == len([*owed.watch().run(GRACE + MINUTE)])


def last_run(clickhouse: ClickHouse) -> dict[str, Any]:
    return clickhouse.rows("SELECT * FROM watch_log ORDER BY at DESC LIMIT 1")[0]
