"""What the checklist of an onboarding says, decided from figures alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.onboarding.codes import serial_of, test_code
from api.onboarding.conditions import Condition, Day, Figures, Needed, Share, conditions, expected_tables, held, ready
from api.onboarding.words import FIXES, TITLES
from standard.checksums import org_code
from standard.load import load

test_code.__test__ = False  # type: ignore[attr-defined]  # its name begins like a test's
STANDARD = load()
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
YESTERDAY = date(2026, 11, 20)
NEEDED = Needed(days=3, mapping_rate=0.9, success_rate=lambda _: 0.95, association_rate=lambda _: 0.98)
TABLES = tuple(STANDARD.daily)


def days(*states: str, received: int = 10, accepted: int = 10) -> list[Day]:
    """Days up to yesterday, the oldest first; ``state:reason`` where there is one."""
    first = YESTERDAY - timedelta(days=len(states) - 1)
    found = []
    for at, state in enumerate(states):
        name, _, reason = state.partition(":")
        came = name in ("received", "late", "partial")
        counts = (received, accepted) if came else (0, 0)
        found.append(Day(first + timedelta(days=at), name, reason, *counts))
    return found


def figures(**changes: Any) -> Figures:
    """A test institution with everything as it should be."""
    good = Figures(
        outpatient=True, inpatient=True, days={table: days("received", "received", "received") for table in TABLES},
        sent=frozenset(TABLES), mapping={"drug": Share(9, 10)}, association={"TB_MZ_SFMXB": Share(98, 100)},
        used_at=NOW - timedelta(days=1),
    )  # fmt: skip
    return replace(good, **changes)


def judged(**changes: Any) -> dict[str, Condition]:
    return {one.id: one for one in conditions(figures(**changes), NEEDED, STANDARD, NOW)}


def unmet(**changes: Any) -> set[str]:
    return {name for name, one in judged(**changes).items() if one.state != "met"}


def test_an_institution_that_does_everything_right_is_ready() -> None:
    found = conditions(figures(), NEEDED, STANDARD, NOW)
    assert ready(found)
    assert [one.id for one in found] == list(TITLES) == list(FIXES)
    assert all(one.texts[2:] == ("", "") for one in found)  # nothing is left to do


def test_one_that_never_sent_is_told_what_to_do_about_each_condition() -> None:
    found = judged(days={}, sent=frozenset(), mapping={}, association={}, used_at=None)
    assert {name: one.state for name, one in found.items()} == {
        "credentials": "waiting", "tables": "unmet", "days": "unmet", "success": "unmet", "mapping": "waiting",
        "association": "waiting",
    }  # fmt: skip
    assert all(all(one.texts) for one in found.values())
    assert "19" in found["tables"].texts[0]
    assert (found["tables"].figure, found["tables"].needed) == (0, 19)


@pytest.mark.parametrize(
    ("states", "count"),
    [
        (("received", "received", "received"), 3),
        (("missing", "received", "received"), 2),
        (("received", "missing", "received"), 1),
        (("received", "received", "missing"), 0),
        (("received", "received", "received", "pending"), 3),  # not due yet: passed over
        (("received", "unknown:outage", "received"), 2),  # our own fault: neither
        (("received", "empty", "received"), 3),  # an honest nothing
        (("late", "not_expected:holiday", "partial"), 3),
        (("not_expected:before_start", "not_expected:before_start", "received"), 1),  # no merit before it began
        ((), 0),
    ],
)
def test_days_in_a_row_are_counted_from_the_newest_one_that_is_due(states: Sequence[str], count: int) -> None:
    assert held(days(*states), 3, lambda day: day.state != "missing") == count


def test_a_day_without_an_entry_ends_the_row() -> None:
    with_gap = [one for one in days("received", "received", "received", "received") if one.day.day != 18]
    assert held(with_gap, 4, lambda _: True) == 2


def test_no_more_days_are_counted_than_are_asked_for() -> None:
    assert held(days(*["received"] * 30), 3, lambda _: True) == 3


def test_one_table_with_a_missing_day_holds_up_the_whole() -> None:
    wrong = {**figures().days, "TB_MZ_SFMXB": days("received", "missing", "received")}
    assert unmet(days=wrong) == {"days", "success"}
    worst = judged(days=wrong)["days"].items[0]
    assert (worst.name, worst.state, worst.figure, worst.needed) == ("TB_MZ_SFMXB", "unmet", 1, 3)


@pytest.mark.parametrize(("accepted", "left"), [(95, set()), (94, {"success"})])
def test_enough_rows_of_each_day_have_to_be_accepted(accepted: int, left: set[str]) -> None:
    rows = days("received", "received", "received", received=100, accepted=100)
    rows[1] = replace(rows[1], accepted=accepted)
    assert unmet(days={**figures().days, "TB_MZ_SFMXB": rows}) == left


def test_the_rate_of_a_table_is_that_of_the_days_asked_for() -> None:
    rows = days("received", "received", "received", "received", received=100, accepted=50)
    assert judged(days={**figures().days, "TB_HZXX": rows})["success"].items[0].rate == 0.5


def test_tables_of_care_that_is_not_given_or_that_the_schedule_leaves_out_are_not_expected() -> None:
    assert len(expected_tables(figures(inpatient=False), STANDARD)) == 10
    assert len(expected_tables(figures(outpatient=False), STANDARD)) == 10
    off = {**figures().days, "TB_MZ_SFMXB": days(*["not_expected:schedule"] * 3)}
    assert "TB_MZ_SFMXB" not in expected_tables(figures(days=off), STANDARD)
    before = {**figures().days, "TB_MZ_SFMXB": days(*["not_expected:before_start"] * 3)}
    assert "TB_MZ_SFMXB" in expected_tables(figures(days=before), STANDARD)


def test_every_expected_table_has_to_have_been_sent_once() -> None:
    assert unmet(sent=frozenset(TABLES) - {"TB_HZXX"}) == {"tables"}
    assert unmet(sent=frozenset(TABLES) - {"TB_ZY_JSMXB"}, inpatient=False) == set()


def test_the_worst_map_and_the_worst_table_decide() -> None:
    found = judged(mapping={"drug": Share(89, 100), "item": Share(10, 10), "fee": Share(0, 0)})["mapping"]
    assert (found.state, found.figure, [item.name for item in found.items]) == ("unmet", 0.89, ["drug", "item"])
    assert unmet(association={"TB_HZXX": Share(97, 100), "TB_MZ_SFMXB": Share(1, 1)}) == {"association"}
    assert judged(association={"TB_HZXX": Share(0, 0)})["association"].state == "waiting"


def test_credentials_have_to_be_in_use() -> None:
    assert unmet(used_at=NOW - timedelta(days=3, seconds=1)) == {"credentials"}
    assert judged(used_at=NOW + timedelta(seconds=1))["credentials"].figure == 0  # another machine's clock


def test_codes_of_test_institutions_pass_the_rule_on_the_check_character() -> None:
    codes = [test_code(serial, "370112") for serial in range(1, 200)]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 22 and org_code(code) for code in codes)
    assert [serial_of(code) for code in codes] == list(range(1, 200))
    assert serial_of("123701024955700014A001") is None
