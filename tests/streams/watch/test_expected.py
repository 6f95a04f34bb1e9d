"""What is owed, and until when: worked out on a calendar, whatever the zone of the machine is."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from clickhouse.schedule import ScheduleEntry
from streams.watch.calendar import due_times, merged
from streams.watch.expected import expected_days
from streams.watch.outages import Outage
from tests.streams.watch.build import (
    CHARGES,
    CLINIC,
    HOSPITAL,
    PATIENTS,
    TABLES,
    WARDS,
    at,
    clinic,
    expectation,
    facts,
    hospital,
    quiet,
)  # fmt: skip

THURSDAY = date(2026, 11, 19)


def test_without_a_schedule_every_table_is_due_the_next_day_at_eight_with_four_hours_of_grace() -> None:
    owed = expectation(facts(), THURSDAY)
    assert (owed["expected"], owed["reason"]) == (1, "")
    assert (owed["due_at"], owed["grace_until"]) == (at("2026-11-20 08:00"), at("2026-11-20 12:00"))


def test_deadlines_are_shanghai_wall_clock_so_a_utc_server_sees_midnight() -> None:
    assert expectation(facts(), THURSDAY)["due_at"].astimezone(UTC).isoformat() == "2026-11-20T00:00:00+00:00"


@pytest.mark.parametrize("day", ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"])
def test_days_on_which_other_countries_change_their_clocks_are_as_long_as_others(day: str) -> None:
    before = date.fromisoformat(day) - timedelta(days=1)
    first, second = (expectation(facts(), one)["due_at"] for one in (before, date.fromisoformat(day)))
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2028-02-28", "2028-02-29 08:00"), ("2028-02-29", "2028-03-01 08:00"), ("2027-02-28", "2027-03-01 08:00"),
        ("2026-12-31", "2027-01-01 08:00"), ("2026-04-30", "2026-05-01 08:00"),
    ],
)  # fmt: skip
def test_the_day_after_is_right_in_leap_years_and_at_the_end_of_months_and_years(day: str, due: str) -> None:
    assert expectation(facts(), date.fromisoformat(day))["due_at"] == at(due)


def test_a_table_of_wards_is_never_expected_of_an_institution_without_beds_whatever_the_schedule_says() -> None:
    given = facts(clinic(), schedule=(ScheduleEntry(org=CLINIC, table=WARDS, expected=True),))
    owed = expectation(given, THURSDAY, WARDS, CLINIC)
    assert (owed["expected"], owed["reason"], owed["due_at"]) == (0, "no_inpatient", None)
    assert expectation(given, THURSDAY, CHARGES, CLINIC)["expected"] == 1


def test_an_institution_without_outpatients_owes_none_of_their_tables() -> None:
    given = facts(hospital(outpatient=False))
    assert expectation(given, THURSDAY, CHARGES)["reason"] == "no_outpatient"
    assert expectation(given, THURSDAY, PATIENTS)["expected"] == 1


def test_an_institution_that_stopped_owes_nothing() -> None:
    rows = expected_days(facts(hospital(active=False)), [THURSDAY])
    assert rows["reason"].unique().to_list() == ["inactive"]
    assert rows.height == len(TABLES)


def test_a_new_institution_owes_its_first_day_and_not_the_day_before() -> None:
    given = facts(hospital(starts_on=THURSDAY))
    assert expectation(given, THURSDAY)["expected"] == 1
    assert expectation(given, THURSDAY - timedelta(days=1))["reason"] == "before_start"


def test_without_a_stated_start_an_institution_begins_on_the_first_day_that_it_sent() -> None:
    unknown = hospital(starts_on=date(1970, 1, 1))
    assert expectation(facts(unknown, first_days={HOSPITAL: THURSDAY}), THURSDAY)["expected"] == 1
    early = expectation(facts(unknown, first_days={HOSPITAL: THURSDAY}), THURSDAY - timedelta(days=1))
    assert early["reason"] == "before_start"
    assert expectation(facts(unknown), THURSDAY)["reason"] == "before_start"


def test_without_a_stated_start_an_institution_that_never_sent_begins_on_the_day_it_was_entered() -> None:
    given = facts(hospital(starts_on=date(1970, 1, 1)), entered={HOSPITAL: THURSDAY})
    assert expectation(given, THURSDAY)["expected"] == 1
    assert expectation(given, THURSDAY - timedelta(days=1))["reason"] == "before_start"


@pytest.mark.parametrize("days_later", [-3, 3])
def test_the_earlier_of_the_day_it_was_entered_and_the_first_one_that_it_sent_counts(days_later: int) -> None:
    other = THURSDAY + timedelta(days=days_later)
    given = facts(
        hospital(starts_on=date(1970, 1, 1)), entered={HOSPITAL: THURSDAY}, first_days={HOSPITAL: other}
    )  # fmt: skip
    assert expectation(given, min(other, THURSDAY))["expected"] == 1
    assert expectation(given, min(other, THURSDAY) - timedelta(days=1))["reason"] == "before_start"


def test_a_stated_start_counts_whatever_was_entered_or_sent_when() -> None:
    before = THURSDAY - timedelta(days=9)
    given = facts(hospital(starts_on=THURSDAY), entered={HOSPITAL: before}, first_days={HOSPITAL: before})
    assert expectation(given, THURSDAY)["expected"] == 1
    assert expectation(given, THURSDAY - timedelta(days=1))["reason"] == "before_start"


def test_of_several_entries_the_most_specific_one_holds_and_of_those_the_one_that_began_last() -> None:
    entries = (
        ScheduleEntry(due_days=9),
        ScheduleEntry(table=CHARGES, due_days=5),
        ScheduleEntry(org=HOSPITAL, due_days=4),
        ScheduleEntry(org=HOSPITAL, table=CHARGES, due_days=3),
        ScheduleEntry(org=HOSPITAL, table=CHARGES, due_days=2, due_hour=18, grace_hours=6, valid_from=THURSDAY),
    )

    def due_days(given: tuple[ScheduleEntry, ...], day: date, table: str = CHARGES) -> int:
        return int((expectation(facts(schedule=given), day, table)["due_at"].date() - day).days)

    assert due_days(entries[:1], THURSDAY) == 9
    assert due_days(entries[:2], THURSDAY) == 5
    assert due_days(entries[:3], THURSDAY) == 4
    assert due_days(entries, THURSDAY - timedelta(days=1)) == 3
    assert due_days(entries, THURSDAY, PATIENTS) == 4
    owed = expectation(facts(schedule=entries), THURSDAY)
    assert (owed["due_at"], owed["grace_until"]) == (at("2026-11-21 18:00"), at("2026-11-22 00:00"))


def test_an_entry_holds_from_its_first_day_to_its_last() -> None:
    entry = ScheduleEntry(expected=False, valid_from=THURSDAY, valid_to=THURSDAY + timedelta(days=1))
    reasons = [expectation(facts(schedule=(entry,)), THURSDAY + timedelta(days=n))["reason"] for n in range(-1, 3)]
    assert reasons == ["", "schedule", "schedule", ""]


def test_nothing_is_expected_of_a_holiday_and_what_falls_due_in_it_is_due_after_it() -> None:
    week = quiet("holiday", "2026-10-01 00:00", "2026-10-08 00:00")
    reasons = [expectation(facts(quiet=(week,)), date(2026, 9, 30) + timedelta(days=n))["reason"] for n in range(9)]
    assert reasons == ["", *["holiday"] * 7, ""]
    owed = expectation(facts(quiet=(week,)), date(2026, 9, 30))
    assert (owed["due_at"], owed["grace_until"]) == (at("2026-10-08 00:00"), at("2026-10-08 04:00"))


def test_the_last_day_of_a_holiday_may_be_written_as_one_minute_to_midnight() -> None:
    week = quiet("holiday", "2026-10-01 00:00", "2026-10-07 23:59")
    assert expectation(facts(quiet=(week,)), date(2026, 10, 7))["reason"] == "holiday"


def test_a_holiday_of_one_institution_is_not_one_of_another() -> None:
    given = facts(hospital(), clinic(), quiet=(quiet("holiday", "2026-11-19 00:00", "2026-11-20 00:00", CLINIC),))
    assert expectation(given, THURSDAY, CHARGES, CLINIC)["reason"] == "holiday"
    assert expectation(given, THURSDAY, CHARGES, HOSPITAL)["reason"] == ""


def test_what_falls_due_during_maintenance_is_due_at_its_end_and_grace_stands_still() -> None:
    over_due = expectation(facts(quiet=(quiet("maintenance", "2026-11-20 06:00", "2026-11-20 10:30"),)), THURSDAY)
    assert (over_due["due_at"], over_due["grace_until"]) == (at("2026-11-20 10:30"), at("2026-11-20 14:30"))
    over_grace = expectation(facts(quiet=(quiet("maintenance", "2026-11-20 11:00", "2026-11-20 13:00"),)), THURSDAY)
    assert (over_grace["due_at"], over_grace["grace_until"]) == (at("2026-11-20 08:00"), at("2026-11-20 14:00"))


def test_maintenance_that_overlaps_or_follows_counts_once() -> None:
    clocks = [("09", "11"), ("10", "12"), ("13", "14"), ("14", "13")]
    spans = merged((at(f"2026-11-20 {start}:00"), at(f"2026-11-20 {end}:00")) for start, end in clocks)
    assert [(f"{start:%H}", f"{end:%H}") for start, end in spans] == [("09", "12"), ("13", "14")]
    assert due_times(THURSDAY, 1, 8, 4, spans) == (at("2026-11-20 08:00"), at("2026-11-20 16:00"))


def test_a_day_with_an_incident_is_marked_and_still_owed() -> None:
    given = facts(quiet=(quiet("incident", "2026-11-19 14:00", "2026-11-19 15:00", HOSPITAL),))
    owed = expectation(given, THURSDAY)
    assert (owed["expected"], owed["incident"]) == (1, 1)
    assert expectation(given, THURSDAY + timedelta(days=1))["incident"] == 0


def outage(start: str, end: str, minutes: int = 60) -> Outage:
    return Outage(at(start), at(end), at(end) + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("start", "end", "blind"),
    [
        ("2026-11-20 07:00", "2026-11-20 09:00", ("07:00", "10:00")),  # over the deadline
        ("2026-11-20 11:30", "2026-11-20 13:00", ("11:30", "14:00")),  # over the end of grace
        ("2026-11-20 05:00", "2026-11-20 07:30", ("05:00", "08:30")),  # no time to send again before the deadline
        ("2026-11-20 05:00", "2026-11-20 07:00", None),  # an hour is enough
        ("2026-11-20 08:30", "2026-11-20 09:00", None),  # between them
        ("2026-11-20 12:30", "2026-11-20 15:00", None),  # afterwards
    ],
)
def test_an_outage_of_ours_over_a_deadline_makes_us_blind_until_people_could_send_again(
    start: str, end: str, blind: tuple[str, str] | None
) -> None:
    owed = expectation(facts(outages=(outage(start, end),)), THURSDAY)
    found = owed["blind_from"] and (f"{owed['blind_from']:%H:%M}", f"{owed['blind_until']:%H:%M}")
    assert found == blind
    assert owed["grace_until"] == at("2026-11-20 12:00")
