"""The closed loop: who may act when, until when, and that what is not wrong any more leaves it by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sanjian.errors import Invalid
from streams.cases import loop, people
from streams.cases.case import Case
from streams.cases.life import not_seen, seen
from streams.cases.limits import default_thresholds, limits_of
from streams.cases.people import PersonStep
from streams.watch.conditions import Condition
from tests.streams.cases.build import NOON, gap, rate

DAY = timedelta(days=1)
DUE = loop.due_by(default_thresholds)
LIMITS = limits_of(default_thresholds, "anomaly_rate", "", "")


def opened(condition: Condition | None = None) -> Case:
    case = seen(None, condition or rate(), LIMITS, NOON)
    assert case is not None
    return case


def after(case: Case, *steps: PersonStep) -> Case:
    for step in steps:
        case = step(case, case.at + timedelta(hours=1))
    return case


ASSIGN = loop.assign("operator:o", "请核实", DUE)
CONFIRM = loop.confirm("hospital:h", "", DUE)
APPEAL = loop.appeal("hospital:h", "停电", DUE)
REFUSE = loop.refuse("regulator:r", "没有报备", DUE)
HANDLED = loop.handled("hospital:h", "已重传", DUE)
SEND_BACK = loop.send_back("operator:o", "仍缺三张表", DUE)
ACCEPT = loop.accept("regulator:r", "属实")
PASSED = loop.passed("operator:o", "")
EVERY = {"assign": ASSIGN, "confirm": CONFIRM, "appeal": APPEAL, "accept": ACCEPT, "refuse": REFUSE, "handled": HANDLED,
         "pass": PASSED, "send_back": SEND_BACK}  # fmt: skip


def test_a_new_case_is_a_clue_of_the_overseers_without_a_due_date() -> None:
    case = opened()
    assert (case.stage, case.side, case.due_at, case.overdue(NOON + 100 * DAY)) == ("clue", "overseer", None, False)


def test_the_whole_way_with_its_turns_and_due_dates() -> None:
    case = after(opened(), ASSIGN)
    assert (case.stage, case.side, case.state, case.told) == ("verify", "hospital", "acknowledged", "all")
    assert case.due_at == case.at + 2 * DAY
    case = after(case, CONFIRM)
    assert (case.stage, case.side, case.told) == ("handle", "hospital", "stream")
    assert case.due_at == case.at + 5 * DAY
    case = after(case, HANDLED)
    assert (case.stage, case.side, case.due_at) == ("review", "overseer", case.at + 3 * DAY)
    case = after(case, SEND_BACK)
    assert (case.stage, case.side, case.note) == ("handle", "hospital", "仍缺三张表")
    case = after(case, HANDLED, PASSED)
    assert (case.stage, case.state, case.ending, case.side, case.due_at) == ("closed", "resolved", "handled", "", None)
    assert (case.closed_at, case.firing) == (case.at, True)


def test_a_critical_case_has_less_time_and_a_date_that_was_asked_for_counts() -> None:
    case = after(opened(gap()), ASSIGN)
    assert case.due_at == case.at + DAY
    asked = loop.due_by(default_thresholds, NOON + 30 * DAY)
    assert after(opened(), loop.assign("operator:o", "", asked)).due_at == NOON + 30 * DAY


def test_an_appeal_is_answered_by_the_overseers_and_changes_no_figure() -> None:
    case = after(opened(), ASSIGN, APPEAL)
    assert (case.stage, case.side, case.appeal) == ("verify", "overseer", "waiting")
    closed = after(case, ACCEPT)
    assert (closed.ending, closed.appeal, closed.state) == ("not_a_fault", "accepted", "resolved")
    assert (closed.numerator, closed.denominator, closed.firing) == (case.numerator, case.denominator, True)
    refused = after(case, REFUSE)
    assert (refused.stage, refused.side, refused.appeal, refused.live) == ("handle", "hospital", "refused", True)
    with pytest.raises(Invalid, match="stage"):
        after(refused, APPEAL)


#: What can be done with a case after these steps; everything else is refused.
PLACES = [
    ((), {"assign", "confirm", "appeal"}),
    ((ASSIGN,), {"confirm", "appeal", "handled"}),
    ((ASSIGN, APPEAL), {"accept", "refuse"}),
    ((APPEAL, REFUSE), {"handled"}),
    ((CONFIRM,), {"appeal", "handled"}),
    ((CONFIRM, HANDLED), {"pass", "send_back"}),
    ((CONFIRM, HANDLED, SEND_BACK), {"appeal", "handled"}),
]


@pytest.mark.parametrize(("steps", "ways"), PLACES)
def test_at_each_place_there_are_its_ways_and_no_others(steps: tuple[PersonStep, ...], ways: set[str]) -> None:
    case = after(opened(), *steps)
    assert {*loop.possible(case, "hospital"), *loop.possible(case, "overseer")} == ways
    for action, step in EVERY.items():
        if action in ways:
            assert after(case, step).action == action
        else:
            with pytest.raises(Invalid, match="stage"):
                after(case, step)


def test_what_is_over_or_about_no_institution_is_in_no_loop() -> None:
    for step in EVERY.values():
        with pytest.raises(Invalid, match="resolved"):
            after(opened(), people.resolve("operator:o", "x"), step)
        with pytest.raises(Invalid, match="stage"):
            after(opened(rate(kind="pipeline", org="")), step)


@pytest.mark.parametrize("steps", [place for place, _ in PLACES])
def test_what_is_not_wrong_any_more_leaves_the_loop_by_itself(steps: tuple[PersonStep, ...]) -> None:
    case = after(opened(gap()), *steps)
    over = not_seen(case, limits_of(default_thresholds, "gap", "", ""), case.at + DAY)
    assert over is not None
    assert (over.stage, over.ending, over.side, over.due_at, over.actor) == ("closed", "by_itself", "", None, "sanjian")
    assert over.closed_at == over.at


def test_what_comes_back_is_a_clue_again() -> None:
    case = after(opened(gap()), ASSIGN, APPEAL, ACCEPT)
    gone = not_seen(case, limits_of(default_thresholds, "gap", "", ""), case.at + timedelta(hours=1))
    assert gone is not None
    assert gone.ending == "not_a_fault"  # it stays closed as it was
    back = seen(gone, gap(), LIMITS, gone.at + timedelta(hours=1))
    assert back is not None
    assert (back.id, back.stage, back.appeal, back.ending, back.closed_at) == (case.id, "clue", "", "", None)
    assert loop.possible(back, "hospital") == ["confirm", "appeal"]


def test_what_gets_worse_stays_at_its_stage_until_its_date() -> None:
    case = after(opened(), ASSIGN)
    worse = seen(case, rate(severity="critical"), LIMITS, case.at + timedelta(hours=1))
    assert worse is not None
    assert (worse.state, worse.stage, worse.due_at) == ("open", "verify", case.due_at)


def test_an_overdue_stage_is_told_when_it_is_due_and_then_once_a_day() -> None:
    case = after(opened(), ASSIGN)
    assert case.due_at is not None
    told = []
    for hours in range(24 * 5):
        step = seen(case, rate(), LIMITS, case.due_at - DAY + timedelta(hours=hours))
        if step is not None:
            case = step
            told.append((step.action, step.told, (step.at - (case.due_at or NOON)) / DAY))
    assert told == [("overdue", "all", float(day)) for day in range(4)]


def test_who_snoozed_an_overdue_case_hears_nothing_until_the_snooze_is_over() -> None:
    case = after(opened(), ASSIGN)
    until = case.at + 10 * DAY
    case = after(case, people.snooze("operator:o", "", until))
    assert seen(case, rate(), LIMITS, case.at + 5 * DAY) is None
    woken = seen(case, rate(), LIMITS, until)
    assert woken is not None
    assert woken.action == "wake"


def test_an_overdue_reminder_can_be_switched_off() -> None:
    def thresholds(name: str, org: str, table: str) -> float:
        return 0.0 if name == "overdue_reminder_hours" else default_thresholds(name, org, table)

    case = after(opened(), ASSIGN)
    assert seen(case, rate(), limits_of(thresholds, "anomaly_rate", "", ""), case.at + 10 * DAY) is None


def test_others_see_the_role_and_for_whom_but_no_name() -> None:
    case = after(opened(), ASSIGN)
    assert (opened().public_actor, case.public_actor) == ("sanjian", "operator")
    assert after(case, lambda one, now: people.step_of(one, now, "note", "hospital:h", "", actor_of="99")
                 ).public_actor == "hospital:99"  # fmt: skip
