"""The state of every institution, table and business day, each state from the rows that make it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clickhouse.schedule import QuietTimeStore, ScheduleEntry, ScheduleStore
from tests.streams.watch.build import CHARGES, CLINIC, HOSPITAL, PATIENTS, WARDS, at, clinic, hospital, quiet
from tests.streams.watch.scene import Scene

THURSDAY = date(2026, 11, 19)
DUE, GRACE = at("2026-11-20 08:00"), at("2026-11-20 12:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def owed(scene: Scene) -> Scene:
    """A hospital and a clinic that owe their tables since January."""
    scene.orgs(hospital(starts_on=date(2026, 1, 1)), clinic(starts_on=date(2026, 1, 1)))
    scene.watch().watch.expectations.refresh(at("2026-11-20 07:00"))
    return scene


def test_a_table_of_wards_is_not_expected_of_a_clinic_and_the_reason_is_told(owed: Scene) -> None:
    assert owed.state(GRACE, THURSDAY, WARDS, CLINIC) == ("not_expected", "no_inpatient")
    assert owed.state(GRACE + timedelta(days=30), THURSDAY, WARDS, CLINIC)[0] == "not_expected"


def test_what_did_not_come_is_pending_until_grace_is_over_and_missing_from_then_on(owed: Scene) -> None:
    found = [owed.state(moment, THURSDAY)[0] for moment in (DUE - MINUTE, DUE, GRACE - MINUTE, GRACE, GRACE + MINUTE)]
    assert found == ["pending", "pending", "pending", "missing", "missing"]


def test_what_came_in_time_is_received_even_when_all_of_it_was_rejected(owed: Scene) -> None:
    owed.came(THURSDAY, 10, bad=10, arrived=DUE)
    assert owed.state(GRACE, THURSDAY) == ("received", "")


def test_what_came_after_the_deadline_is_late_and_closes_the_gap(owed: Scene) -> None:
    assert owed.state(GRACE, THURSDAY)[0] == "missing"
    owed.came(THURSDAY, 10, arrived=GRACE + MINUTE)
    assert owed.state(GRACE + 2 * MINUTE, THURSDAY) == ("late", "")


def test_more_of_a_day_that_came_in_time_does_not_make_it_late(owed: Scene) -> None:
    owed.came(THURSDAY, 10, arrived=DUE - MINUTE)
    owed.came(THURSDAY, 10, arrived=GRACE + MINUTE, stretch=1)
    assert owed.state(GRACE + 2 * MINUTE, THURSDAY) == ("received", "")


def test_an_honest_nothing_is_empty_and_rows_after_it_are_received_or_late(owed: Scene) -> None:
    owed.came(THURSDAY, 0, empty=True, arrived=DUE - MINUTE)
    assert owed.state(GRACE, THURSDAY) == ("empty", "")
    owed.came(THURSDAY, 10, arrived=GRACE, stretch=1)
    assert owed.state(GRACE, THURSDAY) == ("late", "")


def test_an_empty_declaration_after_the_deadline_is_late(owed: Scene) -> None:
    owed.came(THURSDAY, 0, empty=True, arrived=DUE + MINUTE)
    assert owed.state(GRACE, THURSDAY) == ("late", "")


def test_far_fewer_rows_than_on_this_weekday_are_partial_once_grace_is_over(owed: Scene) -> None:
    for week in range(1, 6):
        owed.came(THURSDAY - timedelta(weeks=week), 1000)
    owed.came(THURSDAY, 300)
    owed.watch().run(GRACE - MINUTE)
    assert owed.state(GRACE - MINUTE, THURSDAY) == ("received", "")
    assert owed.state(GRACE, THURSDAY) == ("partial", "")
    owed.came(THURSDAY, 700, stretch=1)
    owed.watch().run(GRACE)
    assert owed.state(GRACE, THURSDAY) == ("received", "")


def test_partial_and_late_is_partial_and_says_so(owed: Scene) -> None:
    for week in range(1, 6):
        owed.came(THURSDAY - timedelta(weeks=week), 1000)
    owed.came(THURSDAY, 300, arrived=DUE + MINUTE)
    owed.watch().run(GRACE)
    assert owed.state(GRACE, THURSDAY) == ("partial", "late")


def test_while_our_ingest_is_behind_nothing_is_missing_but_unknown(owed: Scene) -> None:
    assert owed.state(GRACE + MINUTE, THURSDAY, watermark=GRACE - MINUTE) == ("unknown", "lag")
    assert owed.state(GRACE + MINUTE, THURSDAY, watermark=GRACE) == ("missing", "")


def test_what_was_due_during_an_outage_of_ours_is_unknown_until_people_could_send_again(owed: Scene) -> None:
    QuietTimeStore(owed.clickhouse).save([quiet("outage", "2026-11-20 07:30", "2026-11-20 11:30")], "test")
    owed.watch().watch.expectations.refresh(DUE)
    moments = [at("2026-11-20 11:59"), at("2026-11-20 12:00"), at("2026-11-20 12:29"), at("2026-11-20 12:30")]
    assert [owed.state(moment, THURSDAY) for moment in moments] == [
        ("pending", ""), ("unknown", "outage"), ("unknown", "outage"), ("missing", ""),
    ]  # fmt: skip
    owed.came(THURSDAY, arrived=at("2026-11-20 12:20"))
    owed.came(THURSDAY, arrived=at("2026-11-20 12:40"), table=PATIENTS)
    assert owed.state(at("2026-11-20 13:00"), THURSDAY) == ("received", "")
    assert owed.state(at("2026-11-20 13:00"), THURSDAY, PATIENTS) == ("late", "")


def test_a_day_marked_as_an_incident_is_missing_without_blame(owed: Scene) -> None:
    QuietTimeStore(owed.clickhouse).save([quiet("incident", "2026-11-19 08:00", "2026-11-19 18:00")], "test")
    owed.watch().watch.expectations.refresh(DUE)
    assert owed.state(GRACE, THURSDAY) == ("missing", "incident")


def test_rows_that_nobody_expected_are_received_and_never_late(owed: Scene) -> None:
    owed.came(THURSDAY, table=WARDS, org=CLINIC, arrived=GRACE + MINUTE)
    assert owed.state(GRACE + 2 * MINUTE, THURSDAY, WARDS, CLINIC) == ("received", "")
    owed.came(date(2025, 1, 1), org="990102000000000000000Z")
    assert owed.state(GRACE, date(2025, 1, 1), org="990102000000000000000Z") == ("received", "")


def test_a_changed_schedule_changes_states_and_nothing_else_is_written(owed: Scene) -> None:
    expectations = owed.watch().watch.expectations
    assert expectations.refresh(DUE) == 0
    entry = ScheduleEntry(org=HOSPITAL, table=CHARGES, due_days=2, valid_from=THURSDAY, valid_to=THURSDAY)
    ScheduleStore(owed.clickhouse).save([entry], "test")
    assert expectations.refresh(DUE) == 1
    assert owed.state(GRACE, THURSDAY)[0] == "pending"
    assert owed.state(GRACE + timedelta(days=1), THURSDAY)[0] == "missing"


def test_every_midnight_in_shanghai_a_day_is_added_and_no_other_is_written_again(owed: Scene) -> None:
    expectations = owed.watch().watch.expectations
    assert expectations.refresh(at("2026-11-20 23:59")) == 0
    assert expectations.refresh(at("2026-11-21 00:00")) == 2 * 19
    assert owed.state(at("2026-11-21 00:01"), date(2026, 11, 21))[0] == "pending"
