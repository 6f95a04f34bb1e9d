"""The life of a case, step by step, without a database: what is seen and when decides what happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from sanjian.errors import Invalid
from streams.cases import people
from streams.cases.case import Case
from streams.cases.life import MEASURE_EVERY, not_seen, seen
from streams.cases.limits import default_thresholds, limits_of
from streams.watch.conditions import Condition
from tests.streams.cases.build import NOON, gap, rate

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNKNOWN = "unknown"


@dataclass
class Life:
    """One key through time: ``at(minutes, condition)`` is a run of the watch; ``told`` are the actions people hear."""

    limits_of: Condition
    case: Case | None = None
    steps: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    now: datetime = NOON

    def after(self, time: timedelta, condition: Condition | str | None) -> Case:
        self.now += time
        limits = limits_of(default_thresholds, self.limits_of.kind, "", "")
        if isinstance(condition, Condition):
            step = seen(self.case, condition, limits, self.now)
        else:
            step = not_seen(self.case, limits, self.now) if condition is None and self.case else None
        return self.took(step)

    def took(self, step: Case | None) -> Case:
        if step is not None:
            assert self.case is None or step.opening > self.case.opening or step.version == self.case.version + 1
            self.case = step
            self.steps.append(step.action)
            if step.told == "all":
                self.told.append(step.action)
        assert self.case is not None
        return self.case

    def run(self, condition: Condition | str | None, *, times: int, every: timedelta) -> None:
        for _ in range(times):
            self.after(every, condition)


def test_a_gap_opens_one_case_and_ends_it_when_the_data_arrive() -> None:
    life = Life(gap())
    life.run(gap(), times=10, every=MINUTE)
    case = life.after(MINUTE, None)
    assert life.told == ["open", "resolve"]
    assert (case.state, case.firing, case.actor) == ("resolved", False, "sanjian")
    assert (case.numerator, case.denominator, case.zh) == (19, 19, "19 张表未上传")


def test_a_rate_has_to_stay_well_for_ten_minutes() -> None:
    life = Life(rate())
    life.after(MINUTE, rate())
    life.after(MINUTE, None)
    assert life.after(9 * MINUTE, None).state == "open"
    life.after(MINUTE / 2, rate())  # it was a moment only
    life.after(MINUTE, None)
    assert life.after(9 * MINUTE, None).state == "open"
    assert life.after(MINUTE, None).state == "resolved"
    assert life.steps == ["open", "gone", "back", "gone", "resolve"]
    assert life.told == ["open", "resolve"]


def test_what_cannot_be_judged_stays_as_it_is() -> None:
    life = Life(gap())
    life.after(MINUTE, gap())
    life.run(UNKNOWN, times=100, every=HOUR)
    assert life.steps == ["open"]


def test_a_warning_is_reminded_of_each_day_and_a_critical_one_every_four_hours() -> None:
    warned, grave = Life(rate()), Life(gap())
    for _ in range(48):
        warned.after(HOUR, rate())
        grave.after(HOUR, gap())
    assert warned.told == ["open", "remind"]
    assert grave.told == ["open"] + ["remind"] * 11


def test_an_acknowledged_case_is_not_reminded_of_until_it_gets_worse() -> None:
    life = Life(rate())
    life.took(people.acknowledge("operator:w", "打过电话")(life.after(MINUTE, rate()), life.now))
    life.run(rate(), times=72, every=HOUR)
    assert (life.case and life.case.state, life.told) == ("acknowledged", ["open"])
    worse = life.after(HOUR, rate(severity="critical"))
    assert (worse.state, worse.severity, life.told) == ("open", "critical", ["open", "change"])


def test_a_snoozed_case_is_silent_until_its_time_and_then_open_again() -> None:
    life = Life(rate())
    case = life.after(MINUTE, rate())
    life.took(people.snooze("operator:w", "", life.now + 2 * DAY)(case, life.now))
    life.run(rate(), times=47, every=HOUR)
    assert life.told == ["open"]
    life.run(rate(), times=1, every=HOUR)
    assert (life.case and life.case.state, life.case and life.case.snoozed_until) == ("open", None)
    assert life.told == ["open", "wake"]


def test_a_snoozed_case_ends_when_all_is_well() -> None:
    life = Life(gap())
    case = life.after(MINUTE, gap())
    life.took(people.snooze("operator:w", "", life.now + DAY)(case, life.now))
    assert life.after(MINUTE, None).state == "resolved"
    assert life.told == ["open", "resolve"]


def test_less_grave_is_shown_but_nobody_is_called() -> None:
    life = Life(rate())
    life.after(MINUTE, rate(severity="critical"))
    case = life.after(MINUTE, rate())
    assert (case.action, case.told, case.severity) == ("change", "stream", "warning")


def test_what_comes_back_within_a_day_reopens_its_case_and_later_is_a_new_one() -> None:
    life = Life(gap())
    first = life.after(MINUTE, gap())
    life.after(MINUTE, None)
    again = life.after(23 * HOUR, gap())
    assert (again.id, again.state, again.reopened, again.action) == (first.id, "open", 1, "reopen")
    life.after(MINUTE, None)
    new = life.after(25 * HOUR, gap())
    assert (new.version, new.opening, new.action) == (1, 2, "open")
    assert new.id != first.id
    assert life.told == ["open", "resolve", "reopen", "resolve", "open"]


def test_the_third_return_in_a_day_is_flapping_and_nobody_is_told_until_it_is_stable() -> None:
    life = Life(gap())
    for _ in range(12):
        life.after(10 * MINUTE, gap())
        life.after(10 * MINUTE, None)
    assert life.told == ["open", "resolve", "reopen", "resolve", "reopen", "resolve", "reopen"]  # the last one says so
    life.run(None, times=3, every=HOUR)
    case = life.case
    assert case is not None
    assert (case.action, case.state, case.flapping, case.told) == ("settle", "resolved", False, "all")
    assert life.told.count("settle") == 1


def test_flapping_that_ends_badly_is_told_too() -> None:
    life = Life(gap())
    for _ in range(4):
        life.after(10 * MINUTE, gap())
        life.after(10 * MINUTE, None)
    life.after(10 * MINUTE, gap())
    assert life.case is not None
    assert life.case.flapping
    quiet = len(life.told)
    life.run(gap(), times=3, every=HOUR)
    assert life.told[quiet:] == ["settle"]
    assert (life.case.state, life.case.flapping) == ("open", False)


def test_a_severity_that_goes_up_and_down_flaps_as_well() -> None:
    life = Life(rate())
    for _ in range(20):
        life.after(MINUTE, rate())
        life.after(MINUTE, rate(severity="critical"))
    assert life.told == ["open", "change", "change", "change"]


def test_returns_that_are_a_day_apart_are_no_flapping() -> None:
    life = Life(gap())
    for _ in range(6):
        life.after(12 * HOUR, gap())
        life.after(MINUTE, None)
    assert life.case is not None
    assert not life.case.flapping
    assert life.told == ["open", "resolve", *["reopen", "resolve"] * 5]


def test_resolved_by_hand_stays_resolved_while_nothing_changes() -> None:
    life = Life(rate())
    life.took(people.resolve("operator:w", "医院已停业")(life.after(MINUTE, rate()), life.now))
    life.run(rate(), times=100, every=HOUR)
    assert (life.case and life.case.state, life.told) == ("resolved", ["open", "resolve"])


def test_resolved_by_hand_counts_anew_once_it_has_been_away() -> None:
    life = Life(rate())
    life.took(people.resolve("operator:w", "")(life.after(MINUTE, rate()), life.now))
    life.after(HOUR, None)
    assert life.after(HOUR, rate()).action == "reopen"
    assert life.steps == ["open", "resolve", "clear", "reopen"]


def test_resolved_by_hand_is_opened_again_when_it_gets_worse() -> None:
    life = Life(rate())
    life.took(people.resolve("operator:w", "")(life.after(MINUTE, rate()), life.now))
    assert life.after(HOUR, rate(severity="critical")).action == "reopen"


def test_new_figures_alone_are_kept_but_not_with_every_run_and_not_told() -> None:
    life = Life(rate())
    for more in range(60):
        life.after(MINUTE, rate(numerator=60.0 + more))
    assert life.steps == ["open", *["measure"] * 5]
    assert life.told == ["open"]
    quiet = Life(rate())
    quiet.run(rate(), times=20, every=MEASURE_EVERY)
    assert quiet.steps == ["open"]


def test_people_cannot_end_or_snooze_what_is_over_but_they_can_note() -> None:
    life = Life(gap())
    life.after(MINUTE, gap())
    over = life.after(MINUTE, None)
    for act in (people.acknowledge, people.resolve):
        with pytest.raises(Invalid, match="resolved"):
            act("operator:w", "")(over, life.now)
    with pytest.raises(Invalid, match="resolved"):
        people.snooze("operator:w", "", life.now + DAY)(over, life.now)
    noted = people.remark("operator:w", "已核实")(over, life.now)
    assert (noted.state, noted.note, noted.actor, noted.version) == (
        "resolved",
        "已核实",
        "operator:w",
        over.version + 1,
    )


def test_one_cannot_snooze_into_the_past() -> None:
    case = seen(None, gap(), limits_of(default_thresholds, "gap", "", ""), NOON)
    assert case is not None
    with pytest.raises(Invalid, match="past"):
        people.snooze("operator:w", "", NOON)(case, NOON)


def test_who_did_the_last_thing_does_not_stick_to_what_happens_by_itself() -> None:
    life = Life(gap())
    life.took(people.acknowledge("operator:w", "知道了")(life.after(MINUTE, gap()), life.now))
    ended = life.after(MINUTE, None)
    assert (ended.actor, ended.note) == ("sanjian", "")


def test_a_threshold_of_an_institution_counts_there() -> None:
    def thresholds(name: str, org: str, table: str) -> float:
        if (name, org) == ("reminder_hours_critical", "A"):
            return 0.0
        return default_thresholds(name, org, table)

    case = seen(None, gap(), limits_of(thresholds, "gap", "", ""), NOON)
    assert seen(case, gap(), limits_of(thresholds, "gap", "A", ""), NOON + DAY) is None
    reminded = seen(case, gap(), limits_of(thresholds, "gap", "B", ""), NOON + DAY)
    assert reminded is not None
    assert reminded.action == "remind"
