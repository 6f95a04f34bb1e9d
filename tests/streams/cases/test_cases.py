"""Cases on ClickHouse: what is wrong becomes one notice, whoever looks and however often; people's steps are kept."""

from __future__ import annotations

import math
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from clickhouse.narrowed import Narrowed
from sanjian.errors import Invalid, NotNow
from streams.cases import people
from streams.cases.case import Case
from streams.cases.cases import Cases
from streams.cases.store import CaseReader
from streams.watch.conditions import Condition
from tests.streams.cases.build import DAY, ORG_A, ORG_B, ORG_TEST, gap, rate
from tests.streams.cases.conftest import Desk

pytestmark = pytest.mark.stack


def actions(desk: Desk) -> list[str]:
    return [notice["case"]["action"] for notice in desk.published]


def test_a_notice_says_what_whose_how_much_and_what_to_do(desk: Desk) -> None:
    desk.cases().apply([rate(baseline=math.nan)], (), desk.now)
    [notice] = desk.published
    [kept] = desk.kept()
    assert kept == notice
    case = notice.pop("case")
    assert notice == {
        "id": f"{case['id']}-1", "kind": "anomaly_rate", "org": ORG_A, "org_name": "历城区示范医院",
        "table": "TB_MZ_SFMXB", "batch": "", "biz_date": "2026-11-20", "severity": "warning",
        "raised_at": "2026-11-21T12:00:00.000+08:00", "counts": {}, "rules": [], "examples": [], "unreadable": None,
        "measure": {"numerator": 60.0, "denominator": 1000.0, "threshold": 0.05, "baseline": None},
        "zh": "异常率 6.0%，超过 5%", "en": "Anomaly rate 6.0 %, more than 5 %", "fix_zh": "查看问题明细",
        "fix_en": "Look at the findings", "details": {"rules": ["SF-W-YLJGDM"]},
        "link": f"https://sanjian.example/alerts/{case['id']}",
    }  # fmt: skip
    assert (case["state"], case["action"], case["version"]) == ("open", "open", 1)
    assert case["opened_at"] == "2026-11-21T12:00:00.000+08:00"


def test_the_same_condition_is_one_case_however_often_it_is_seen_and_by_whichever_instance(desk: Desk) -> None:
    for _ in range(4):
        desk.cases().apply([gap()], (), desk.later(seconds=30))
    total, [case] = desk.cases().store.page(10, 0)
    assert (total, case.version, case.state) == (1, 1, "open")
    assert actions(desk) == ["open"]


def test_a_case_comes_back_from_the_database_as_it_was(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap()], (), desk.now)
    cases.apply([], (), desk.later(minutes=1))
    cases.apply([gap()], (), desk.later(minutes=1))
    [case] = cases.store.current(desk.now).values()
    assert case == cases.store.find(case.id)
    assert (case.biz_date, case.returns, case.reopened) == (DAY, (desk.now,), 1)
    snoozed = cases.act(case.id, people.snooze("w", "", desk.now + timedelta(days=1)), desk.now)
    assert snoozed == cases.store.find(case.id)
    assert orjson.loads(case.details) == {"tables": ["TB_HZXX", "TB_MZ_JZMXB"]}


def test_two_watchers_at_once_open_one_case_and_tell_once(desk: Desk) -> None:
    desk.channel("c")
    conditions = [gap(org=f"org{number:019d}") for number in range(5)]
    start = threading.Barrier(4)

    def watch(_: int) -> None:
        cases = desk.cases()
        start.wait()
        cases.apply(conditions, (), desk.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(watch, range(4)))
    assert Counter(notice["org"] for notice in desk.published) == {condition.org: 1 for condition in conditions}
    assert len(desk.waiting("c")) == len(set(desk.waiting("c"))) == 5
    assert desk.cases().store.page(10, 0)[0] == 5


def test_a_watcher_and_a_person_at_once_both_get_their_step(desk: Desk) -> None:
    """The person's step is taken on what the case became meanwhile."""
    cases = desk.cases()
    cases.apply([rate()], (), desk.now)
    [case] = cases.store.current(desk.now).values()
    find = cases.store.find

    def find_and_be_overtaken(ident: str) -> Case | None:
        found = find(ident)
        if found and found.version == 1:
            desk.cases().apply([rate(severity="critical")], (), desk.later(minutes=1))
        return found

    cases.store.find = find_and_be_overtaken  # type: ignore[method-assign]
    done = cases.act(case.id, people.acknowledge("operator:w", "在查"), desk.now)
    assert done is not None
    assert (done.version, done.severity, done.state) == (3, "critical", "acknowledged")
    assert [step.action for step in cases.store.steps(case.id)] == ["open", "change", "acknowledge"]


def test_a_person_who_is_always_overtaken_is_told_to_come_back(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap()], (), desk.now)
    [case] = cases.store.current(desk.now).values()
    cases.store.take = lambda step: False  # type: ignore[method-assign]
    with pytest.raises(NotNow):
        cases.act(case.id, people.acknowledge("operator:w", ""), desk.now)


def test_every_step_says_who_and_when(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap()], (), desk.now)
    [case] = cases.store.current(desk.now).values()
    cases.act(case.id, people.acknowledge("operator:w", "已电话联系"), desk.later(minutes=5))
    cases.act(case.id, people.remark("hospital:h", "正在补传"), desk.later(minutes=5))
    cases.apply([], (), desk.later(minutes=5))
    steps = [(step.action, step.actor, step.note, step.state) for step in cases.store.steps(case.id)]
    assert steps == [
        ("open", "sanjian", "", "open"),
        ("acknowledge", "operator:w", "已电话联系", "acknowledged"),
        ("note", "hospital:h", "正在补传", "acknowledged"),
        ("resolve", "sanjian", "", "resolved"),
    ]
    assert [step.at - desk.now for step in cases.store.steps(case.id)] == [
        timedelta(minutes=-m) for m in (15, 10, 5, 0)
    ]
    assert actions(desk) == ["open", "acknowledge", "note", "resolve"]


def test_a_case_of_another_institution_is_not_there(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap()], (), desk.now)
    [case] = cases.store.current(desk.now).values()
    assert CaseReader(Narrowed(desk.clickhouse, {ORG_B})).find(case.id) is None
    assert CaseReader(Narrowed(desk.clickhouse, {ORG_B})).steps(case.id) == []
    assert CaseReader(Narrowed(desk.clickhouse, {ORG_A})).find(case.id) == case
    assert CaseReader(Narrowed(desk.clickhouse, {ORG_A})).page(10, 0) == (1, [case])


def test_resolving_what_is_over_is_refused(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap()], (), desk.now)
    cases.apply([], (), desk.later(minutes=1))
    [case] = cases.store.current(desk.now).values()
    with pytest.raises(Invalid, match="resolved"):
        cases.act(case.id, people.resolve("operator:w", ""), desk.now)


def test_a_new_case_after_a_long_time_counts_its_openings(desk: Desk) -> None:
    cases = desk.cases()
    for _ in range(3):
        cases.apply([gap()], (), desk.later(days=40))
        cases.apply([], (), desk.later(minutes=1))
    total, found = cases.store.page(10, 0)
    assert [case.opening for case in found] == [3, 2, 1]
    assert (total, len({case.id for case in found})) == (3, 3)


def test_what_is_unknown_is_neither_ended_nor_told(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap(), rate()], (), desk.now)
    cases.apply([], {gap().key}, desk.later(hours=1))
    cases.apply([], {gap().key}, desk.later(hours=1))
    states = {case.kind: case.state for case in cases.store.page(10, 0)[1]}
    assert states == {"gap": "open", "anomaly_rate": "resolved"}


def test_pages_are_narrowed_by_state_kind_institution_severity_and_opening(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([gap(), rate(), gap(org=ORG_B, severity="warning")], (), desk.now)
    cases.apply([rate(), gap(org=ORG_B, severity="warning")], (), desk.later(hours=1))

    def page(**wanted: Any) -> list[tuple[str, str]]:
        total, found = cases.store.page(10, 0, **wanted)
        assert total == len(found)
        return sorted((case.kind, case.org) for case in found)

    assert page(state="live") == [("anomaly_rate", ORG_A), ("gap", ORG_B)]
    assert page(state="resolved") == [("gap", ORG_A)]
    assert page(kind="gap") == [("gap", ORG_A), ("gap", ORG_B)]
    assert page(org=ORG_B) == [("gap", ORG_B)]
    assert page(severity="critical") == [("gap", ORG_A)]
    assert page(table="TB_MZ_SFMXB") == [("anomaly_rate", ORG_A)]
    assert page(opened_from=desk.now) == []
    assert page(opened_to=desk.now, state="open", kind="gap") == [("gap", ORG_B)]
    assert [case.id for number in range(3) for case in cases.store.page(1, number)[1]] == [
        case.id for case in cases.store.page(3, 0)[1]
    ]


def test_channels_get_what_they_are_for(desk: Desk) -> None:
    desk.channel("all")
    desk.channel("grave", least_severity="critical")
    desk.channel("rates", kinds=("anomaly_rate",))
    desk.channel("hospital b", orgs=(ORG_B,))
    desk.channel("testers", orgs=(ORG_TEST,))
    desk.channel("off", active=False)
    desk.channel("digest", digest=True)
    conditions = [gap(), rate(), gap(org=ORG_B), gap(org=ORG_TEST), gap(kind="pipeline", org="")]
    desk.cases().apply(conditions, (), desk.now.replace(hour=6))
    of = {notice["id"]: (notice["kind"], notice["org"]) for notice in desk.published}
    assert len(of) == 5, "everybody on the stream of alerts sees everything that is his"

    def got(channel: str) -> list[tuple[str, str]]:
        return sorted(of[notice] for notice in desk.waiting(channel))

    assert got("all") == [("anomaly_rate", ORG_A), ("gap", ORG_A), ("gap", ORG_B), ("pipeline", "")]
    assert got("grave") == [("gap", ORG_A), ("gap", ORG_B), ("pipeline", "")]
    assert got("rates") == [("anomaly_rate", ORG_A)]
    assert got("hospital b") == [("gap", ORG_B)]
    assert got("testers") == [("gap", ORG_TEST)]
    assert got("off") == got("digest") == []


def test_what_people_do_is_shown_but_no_channel_is_called(desk: Desk) -> None:
    desk.channel("all")
    cases = desk.cases()
    cases.apply([gap()], (), desk.now)
    [case] = cases.store.current(desk.now).values()
    cases.act(case.id, people.acknowledge("operator:w", ""), desk.later(minutes=1))
    assert actions(desk) == ["open", "acknowledge"]
    assert desk.waiting("all") == [f"{case.id}-1"]


class TestDigest:
    """One message an institution and day, at nine."""

    def test_it_says_what_is_open_and_what_has_changed_since_yesterday(self, desk: Desk) -> None:
        cases = desk.cases()
        desk.now = desk.now.replace(hour=20)
        cases.apply([gap(), rate()], (), desk.now)
        cases.apply([rate(), gap(org=ORG_B)], (), desk.later(hours=1))
        desk.channel("digest", digest=True)
        cases.apply([rate(), gap(org=ORG_B)], (), desk.later(hours=12, minutes=1))
        assert desk.waiting("digest") == [f"digest-{ORG_A}-2026-11-22", f"digest-{ORG_B}-2026-11-22"]
        found = desk.clickhouse.rows("SELECT payload FROM outbox WHERE org = {org:String}", {"org": ORG_A})
        digest = orjson.loads(found[0]["payload"])
        assert digest["counts"] == {"open": 1, "opened": 2, "resolved": 1}
        assert [one["kind"] for one in digest["details"]["cases"]] == ["anomaly_rate"]
        assert digest["zh"] == "未解决 1 项（异常率 1），近一日新增 2 项，恢复 1 项"
        assert (digest["severity"], digest["raised_at"]) == ("warning", "2026-11-22T09:00:00.000+08:00")
        assert "digest" not in {notice["kind"] for notice in [*desk.published, *desk.kept()]}, "channels only"

    def test_it_comes_once_a_day_whoever_runs(self, desk: Desk) -> None:
        desk.channel("digest", digest=True)
        for _ in range(3 * 24):
            desk.cases().apply([gap()], (), desk.later(hours=1))
        assert desk.waiting("digest") == [f"digest-{ORG_A}-2026-11-{day}" for day in (21, 22, 23, 24)]

    def test_it_comes_later_when_we_were_away_at_nine(self, desk: Desk) -> None:
        desk.channel("digest", digest=True)
        desk.now = desk.now.replace(hour=7)
        desk.cases().apply([gap()], (), desk.now)
        assert desk.waiting("digest") == []
        desk.cases().apply([gap()], (), desk.later(hours=15))
        assert desk.waiting("digest") == [f"digest-{ORG_A}-2026-11-21"]

    def test_a_crash_in_the_middle_of_it_gives_it_once(self, desk: Desk) -> None:
        desk.channel("digest", digest=True)
        desk.now = desk.now.replace(hour=7)
        desk.cases().apply([gap()], (), desk.now)
        for step in (1, 2, 3, 4):
            crashed(desk, step, [gap()], desk.later(hours=1))
        desk.cases().apply([gap()], (), desk.later(hours=1))
        assert desk.waiting("digest") == [f"digest-{ORG_A}-2026-11-21"]


class CrashError(Exception):
    """The process ends here."""


def crashed(desk: Desk, step: int, conditions: list[Condition], now: datetime) -> None:
    def crash(number: int) -> None:
        if number == step:
            raise CrashError

    with suppress(CrashError):
        desk.cases(on_step=crash).apply(conditions, (), now)


@pytest.mark.parametrize("step", range(5))
def test_a_crash_after_any_step_loses_no_notice_and_gives_at_most_one_extra(desk: Desk, step: int) -> None:
    desk.channel("c")
    crashed(desk, step, [gap(), rate()], desk.now)
    for _ in range(4):  # the next leader, and the one after it
        desk.cases().apply([gap(), rate()], (), desk.later(seconds=40))
    extra = 2 if step == 3 else 0  # published, and not noted
    ids = [notice["id"] for notice in desk.published]
    assert (len(set(ids)), len(ids)) == (2, 2 + extra)
    assert [notice["id"] for notice in desk.kept()] == sorted(set(ids))
    assert sorted(desk.waiting("c")) == sorted(set(ids))


def test_a_crash_between_the_steps_of_two_cases_loses_neither(desk: Desk) -> None:
    cases = desk.cases()
    take, taken = cases.store.take, []

    def crash_after_one(step: Case) -> bool:
        if taken:
            raise CrashError
        taken.append(step)
        return take(step)

    cases.store.take = crash_after_one  # type: ignore[method-assign]
    with pytest.raises(CrashError):
        cases.apply([gap(), rate()], (), desk.now)
    assert desk.published == []
    desk.cases().apply([gap(), rate()], (), desk.later(seconds=40))
    assert sorted(notice["kind"] for notice in desk.published) == ["anomaly_rate", "gap"]


def test_a_person_whose_process_dies_after_the_step_is_heard_all_the_same(desk: Desk) -> None:
    desk.cases().apply([gap()], (), desk.now)
    [case] = desk.cases().store.current(desk.now).values()

    def crash(number: int) -> None:
        raise CrashError

    with pytest.raises(CrashError):
        desk.cases(on_step=crash).act(case.id, people.acknowledge("operator:w", ""), desk.later(minutes=1))
    desk.cases().apply([gap()], (), desk.later(minutes=1))
    assert actions(desk)[-1] == "acknowledge"
    assert len(desk.kept()) == 2


def test_while_the_broker_is_away_channels_are_served_and_nothing_is_lost(desk: Desk) -> None:
    desk.channel("c")
    desk.broker_away = True
    for _ in range(3):
        with pytest.raises(NotNow):
            desk.cases().apply([gap()], (), desk.later(minutes=1))
    assert len(desk.waiting("c")) == 1
    desk.broker_away = False
    desk.cases().apply([gap()], (), desk.later(minutes=1))
    assert actions(desk) == ["open"]
    assert len(desk.waiting("c")) == 1


def test_what_another_instance_is_just_telling_is_left_to_it(desk: Desk) -> None:
    crashed(desk, 0, [gap()], desk.now)
    desk.cases().apply([gap()], (), desk.later(seconds=5))
    assert desk.published == []
    desk.cases().apply([gap()], (), desk.later(seconds=30))
    assert actions(desk) == ["open"]


def test_the_default_of_cases_needs_nothing_but_a_database_and_a_broker(desk: Desk) -> None:
    Cases(desk.clickhouse, desk.publish).apply([gap()], (), desk.now)
    assert desk.published[0]["link"] == ""


def test_a_person_is_answered_though_nobody_can_be_told_now(desk: Desk) -> None:
    """The step is taken; a refusal would say that nothing has happened."""
    desk.cases().apply([gap()], (), desk.now)
    [case] = desk.cases().store.current(desk.now).values()
    desk.broker_away = True
    done = desk.cases().act(case.id, people.acknowledge("operator:w", ""), desk.later(minutes=1))
    assert done is not None
    desk.broker_away = False
    desk.cases().apply([gap()], (), desk.later(minutes=1))
    assert actions(desk) == ["open", "acknowledge"]


def test_a_person_who_saw_an_older_version_can_ask_not_to_act_on_a_newer_one(desk: Desk) -> None:
    cases = desk.cases()
    cases.apply([rate()], (), desk.now)
    [case] = cases.store.current(desk.now).values()
    cases.apply([rate(severity="critical")], (), desk.later(minutes=1))
    with pytest.raises(Invalid, match="changed"):
        cases.act(case.id, people.resolve("operator:w", ""), desk.now, version=1)
    assert cases.act(case.id, people.resolve("operator:w", ""), desk.now, version=2) is not None


def test_what_was_late_and_is_missing_now_is_not_said_to_be_well(desk: Desk) -> None:
    desk.channel("c")
    late = gap(kind="late", severity="warning", zh="尚未上传", en="Not here yet")
    desk.cases().apply([late], (), desk.now)
    desk.cases().apply([gap()], (), desk.later(hours=4))
    assert [(one["kind"], one["case"]["action"]) for one in desk.published] == [
        ("late", "open"), ("gap", "open"), ("late", "supersede"),
    ]  # fmt: skip
    assert len(desk.waiting("c")) == 2
    [case] = desk.cases().store.page(10, 0, kind="late")[1]
    assert case.state == "resolved"
