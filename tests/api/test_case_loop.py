"""The closed loop over the API: who may do what, that only one acts, that the other side hears of it, what is listed,
and what a month sums up to."""

from __future__ import annotations

import asyncio
import io
import math
import statistics
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import openpyxl
import orjson
import pytest

from api.accounts.principal import Assignment
from clickhouse.orgs import Org, OrgStore
from clickhouse.thresholds import Threshold, ThresholdStore
from streams.cases.cases import Cases
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.streams.cases.build import ORG_TEST, gap, rate

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai


@dataclass
class Clock:
    """The API's clock."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(stack: Stack, clock: Clock) -> AsyncIterator[Running]:
    """A gap of one hospital, rates of two, at noon; a regulator besides."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "甲医院"), Org(ORG_B, "乙医院"), Org(ORG_TEST, "测", test=True)])
    watch(stack, clock)
    clock.later(minutes=5)
    stack.machine("regulator", Assignment("regulator", scope="000000"))
    async with running(stack.app(now=clock)) as found:
        yield found


FIRING = (gap(org=ORG_A), rate(org=ORG_A), rate(org=ORG_B), rate(org=ORG_TEST))


def watch(stack: Stack, clock: Clock, *firing: Any) -> list[str]:
    """A run of the watch; what it told."""
    told: list[str] = []
    cases = Cases(stack.clickhouse, lambda notices, now: told.extend(_action(one.payload) for one in notices))
    cases.apply(firing or FIRING, (), clock.now)
    return told


def _action(payload: bytes) -> str:
    return str(orjson.loads(payload)["case"]["action"])


async def listed(api: Running, stack: Stack, who: str = "operator", **wanted: Any) -> list[dict[str, Any]]:
    answer = await api.client.get("/api/v1/cases", params=wanted, headers=stack.headers(who))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cases"]
    assert answer.json()["total"] == len(found)
    return found


async def the(api: Running, stack: Stack, org: str = ORG_A, kind: str = "gap") -> dict[str, Any]:
    [case] = await listed(api, stack, org=org, kind=kind)
    return case


async def act(
    api: Running, stack: Stack, who: str, case: dict[str, Any], action: str, **body: Any
) -> httpx.Response:  # fmt: skip
    body = {"version": case["version"], **body}
    return await api.client.post(f"/api/v1/cases/{case['id']}/{action}", json=body, headers=stack.headers(who))


async def done(api: Running, stack: Stack, who: str, case: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
    answer = await act(api, stack, who, case, action, **body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_case_goes_from_clue_to_closed_and_both_sides_are_told(
    api: Running, stack: Stack, clock: Clock
) -> None:
    case = await the(api, stack)
    assert (case["stage"], case["side"], case["due_at"]) == ("clue", "overseer", None)
    case = await done(api, stack, "operator", case, "assign", note="请核实")
    assert (case["stage"], case["side"], case["due_at"]) == ("verify", "hospital", "2026-11-22T12:05:00.000+08:00")
    case = await done(api, stack, "a", case, "confirm")
    assert (case["stage"], case["due_at"]) == ("handle", "2026-11-23T12:05:00.000+08:00")
    clock.later(days=3)
    [overdue] = await listed(api, stack, overdue=True)
    assert (overdue["id"], overdue["overdue"]) == (case["id"], True)
    case = await done(api, stack, "a", case, "handled", note="已补传")
    case = await done(
        api, stack, "regulator", case, "review", passed=False, note="少一张表", due_at="2026-11-26T18:00:00"
    )
    assert (case["stage"], case["due_at"]) == ("handle", "2026-11-26T18:00:00.000+08:00")
    case = await done(api, stack, "a", case, "handled", note="已补齐")
    case = await done(api, stack, "operator", case, "review", passed=True)
    assert (case["state"], case["stage"], case["ending"], case["side"]) == ("resolved", "closed", "handled", "")
    assert case["closed_at"] == "2026-11-24T12:05:00.000+08:00"
    found = (await api.client.get(f"/api/v1/cases/{case['id']}", headers=stack.headers("a"))).json()
    assert [(one["action"], one["actor"], one["stage"]) for one in found["steps"]] == [
        ("open", "sanjian", "clue"), ("assign", "operator:000000", "verify"),
        ("confirm", f"hospital:{ORG_A}", "handle"), ("handled", f"hospital:{ORG_A}", "review"),
        ("send_back", "regulator:000000", "handle"),
        ("handled", f"hospital:{ORG_A}", "review"), ("pass", "operator:000000", "closed"),
    ]  # fmt: skip
    said = (await api.client.get("/api/v1/alerts", headers=stack.headers("a"))).json()["alerts"]
    told = sorted((one["case"] for one in said if one["case"]["id"] == case["id"]), key=lambda one: one["version"])
    assert [(one["action"], one["stage"], one["side"]) for one in told[1:]] == [
        ("assign", "verify", "hospital"), ("confirm", "handle", "hospital"), ("handled", "review", "overseer"),
        ("send_back", "handle", "hospital"), ("handled", "review", "overseer"), ("pass", "closed", ""),
    ]  # fmt: skip
    assert not {"hospital a", "operator:operator"} & {one["actor"] for one in told}
    rows = stack.clickhouse.rows("SELECT action FROM audit_log WHERE startsWith(action, 'case.')")
    assert Counter(row["action"] for row in rows) == {
        "case.assign": 1, "case.confirm": 1, "case.handled": 2, "case.send_back": 1, "case.pass": 1,
    }  # fmt: skip


async def test_an_accepted_appeal_closes_the_case_and_a_refused_one_goes_back(api: Running, stack: Stack) -> None:
    case = await done(api, stack, "a", await the(api, stack), "appeal", note="市政停电")
    assert (case["stage"], case["side"], case["appeal"]) == ("verify", "overseer", "waiting")
    refused = await done(api, stack, "regulator", case, "answer", accepted=False, note="没有报备")
    assert (refused["stage"], refused["side"], refused["appeal"]) == ("handle", "hospital", "refused")
    again = await act(api, stack, "a", refused, "appeal", note="真的")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "case_stage")
    other = await done(api, stack, "b", await the(api, stack, ORG_B, "anomaly_rate"), "appeal", note="标准有误")
    accepted = await done(api, stack, "operator", other, "answer", accepted=True, note="属实")
    assert (accepted["ending"], accepted["state"], accepted["measure"]) == ("not_a_fault", "resolved", other["measure"])


async def test_the_second_of_two_learns_what_the_first_one_did(api: Running, stack: Stack) -> None:
    case = await the(api, stack)
    await done(api, stack, "operator", case, "assign", note="请核实")
    for who, action, body in (("regulator", "assign", {}), ("a", "appeal", {"note": "停电"})):
        answer = await act(api, stack, who, case, action, **body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (409, "case_changed")
        assert (error["version"], error["stage"]) == (2, "verify")
        [since] = error["meanwhile"]
        assert (since["action"], since["note"]) == ("assign", "请核实")
        assert since["actor"] == ("operator:operator" if who == "regulator" else "operator:000000")
    assert "appeal" in error["actions"]  # it may still, having seen that


async def test_of_two_at_the_same_moment_one_acts(api: Running, stack: Stack) -> None:
    case = await the(api, stack)
    answers = await asyncio.gather(
        *(act(api, stack, who, case, "assign") for who in ("operator", "regulator", "admin"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert (await the(api, stack))["version"] == 2


async def test_new_figures_and_reminders_are_no_reason_to_refuse(api: Running, stack: Stack, clock: Clock) -> None:
    case = await done(api, stack, "operator", await the(api, stack), "assign")
    clock.later(days=1)
    assert watch(stack, clock) == ["overdue", "remind", "remind", "remind"]
    clock.later(hours=12)
    watch(stack, clock, gap(org=ORG_A, numerator=18.0), *FIRING[1:])
    assert (await the(api, stack))["version"] == 4  # overdue, measure
    assert (await done(api, stack, "a", case, "confirm"))["version"] == 5
    clock.later(minutes=1)
    assert watch(stack, clock, *FIRING[1:]) == ["resolve"]
    answer = await act(api, stack, "a", case, "handled", note="x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "case_changed")
    assert [one["action"] for one in answer.json()["error"]["meanwhile"]][-1] == "resolve"
    closed = await the(api, stack)
    assert (closed["stage"], closed["ending"], closed["actions"]) == (
        "closed",
        "by_itself",
        ["acknowledge", "note"][1:],
    )
    over = await act(api, stack, "a", closed, "handled", note="x")
    assert (over.status_code, over.json()["error"]["code"]) == (409, "case_over")


@pytest.mark.parametrize(
    ("who", "action", "body", "status"),
    [
        ("a", "assign", {}, 403),
        ("a", "answer", {"accepted": True, "note": "x"}, 403),
        ("a", "review", {"passed": True}, 403),
        ("operator", "confirm", {}, 403),
        ("admin", "appeal", {"note": "x"}, 403),
        ("regulator", "handled", {"note": "x"}, 403),
        ("b", "confirm", {}, 404),
        ("b", "appeal", {"note": "x"}, 404),
        ("a", "appeal", {}, 422),
        ("a", "appeal", {"note": "  "}, 422),
        ("a", "handled", {"note": ""}, 422),
        ("operator", "answer", {"accepted": True}, 422),
        ("operator", "review", {"passed": False}, 422),
        ("operator", "assign", {"due_at": "2026-11-21T12:00:00"}, 422),
        ("operator", "assign", {"due_at": "2027-11-21T12:00:00"}, 422),
        ("operator", "assign", {"version": 9}, 409),
        ("operator", "review", {"passed": True}, 409),
        ("a", "handled", {"note": "x"}, 409),
    ],
)
async def test_who_may_not_or_says_too_little_changes_nothing(
    api: Running, stack: Stack, who: str, action: str, body: dict[str, Any], status: int
) -> None:
    case = await the(api, stack)
    assert (await act(api, stack, who, case, action, **body)).status_code == status
    assert (await the(api, stack))["version"] == 1


async def test_a_step_without_the_version_that_was_seen_is_refused(api: Running, stack: Stack) -> None:
    case = await the(api, stack)
    answer = await api.client.post(f"/api/v1/cases/{case['id']}/assign", json={}, headers=stack.headers("operator"))
    assert answer.status_code == 422


async def test_due_dates_follow_the_thresholds_that_are_set(api: Running, stack: Stack) -> None:
    ThresholdStore(stack.clickhouse, lambda: NOW).save([Threshold(ORG_A, "*", "verify_days_critical", 10)], "admin:x")
    case = await done(api, stack, "operator", await the(api, stack), "assign")
    assert case["due_at"] == "2026-12-01T12:05:00.000+08:00"


async def test_the_list_says_whose_turn_it_is_and_finds_and_sorts(api: Running, stack: Stack, clock: Clock) -> None:
    await done(api, stack, "operator", await the(api, stack, ORG_B, "anomaly_rate"), "assign", note="数据异常待查")
    clock.later(minutes=1)
    await done(api, stack, "operator", await the(api, stack), "assign")

    async def orgs(**wanted: Any) -> list[tuple[str, str]]:
        return [(one["org"], one["kind"]) for one in await listed(api, stack, **wanted)]

    gap_a, rate_a, rate_b = (ORG_A, "gap"), (ORG_A, "anomaly_rate"), (ORG_B, "anomaly_rate")
    assert set(await orgs(side="hospital")) == {gap_a, rate_b} == set(await orgs(stage="verify"))
    assert set(await orgs(side="overseer")) == {rate_a, (ORG_TEST, "anomaly_rate")} == set(await orgs(stage="clue"))
    assert (await orgs(sort="due_at", order="asc"))[:2] == [gap_a, rate_b]  # critical ones have less time
    assert (await orgs(sort="due_at", order="desc"))[:2] == [rate_b, gap_a]  # those without come last either way
    assert (await orgs(sort="severity"))[0] == gap_a
    assert (await orgs(sort="severity", order="asc"))[-1] == gap_a
    assert (await orgs(sort="changed_at"))[:2] == [gap_a, rate_b]
    assert await orgs(text="乙医") == [rate_b] == await orgs(text="数据异常待查")
    assert await orgs(text="19 TABLES") == [gap_a]
    assert await orgs(text="%") == [one for one in await orgs() if one[1] == "anomaly_rate"]
    assert await orgs(overdue=True) == []
    for body in ({"stage": "x"}, {"sort": "x"}, {"side": "x"}, {"order": "x"}):
        assert (await api.client.get("/api/v1/cases", params=body, headers=stack.headers("a"))).status_code == 422


async def test_who_may_do_what_is_said_with_the_case(api: Running, stack: Stack) -> None:
    [mine] = await listed(api, stack, "a", kind="gap")
    assert mine["actions"] == ["acknowledge", "confirm", "appeal", "note"]
    assert (await listed(api, stack, "regulator", kind="gap"))[0]["actions"] == ["acknowledge", "assign", "note"]
    assert (await the(api, stack))["actions"] == ["acknowledge", "snooze", "resolve", "assign", "note"]


@pytest.fixture
async def month(api: Running, stack: Stack, clock: Clock) -> datetime:
    """Cases that end in each way, and one of the month before; when the month is looked at."""
    case = await done(api, stack, "operator", await the(api, stack), "assign")
    clock.later(hours=30)  # overdue: critical ones have a day
    case = await done(api, stack, "a", case, "appeal", note="停电")
    case = await done(api, stack, "operator", case, "answer", accepted=False, note="无报备")
    case = await done(api, stack, "a", case, "handled", note="补传")
    await done(api, stack, "operator", case, "review", passed=True)
    other = await done(api, stack, "b", await the(api, stack, ORG_B, "anomaly_rate"), "appeal", note="误报")
    clock.later(hours=3)
    await done(api, stack, "regulator", other, "answer", accepted=True, note="属实")
    more = [rate(org=ORG_B, table=table) for table in ("T1", "T2", "T3", "T4")]
    watch(stack, clock, *FIRING, *more)
    clock.later(hours=1)
    watch(stack, clock, *FIRING, *more[1:])
    clock.later(hours=1)
    watch(stack, clock, *FIRING, *more[1:])  # the first one is over by itself
    waits = (await listed(api, stack, org=ORG_B, table="T2"))[0]
    await done(api, stack, "operator", waits, "resolve", note="测试数据")
    late = (await listed(api, stack, org=ORG_B, table="T3"))[0]
    await done(api, stack, "operator", late, "assign", due_at="2026-11-25T00:00:00")
    waiting = (await listed(api, stack, org=ORG_B, table="T4"))[0]
    await done(api, stack, "b", waiting, "appeal", note="x")  # nobody answers; overdue later
    old = Cases(stack.clickhouse, lambda notices, now: None)
    old.apply([rate(org=ORG_A, table="OLD")], (), datetime(2026, 10, 31, 15, 59, tzinfo=UTC))
    return clock.later(days=5)


async def summed(api: Running, stack: Stack, who: str = "operator", **wanted: Any) -> dict[str, Any]:
    answer = await api.client.get(
        "/api/v1/cases/summary", params={"month": "2026-11", **wanted}, headers=stack.headers(who)
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def recomputed(stack: Stack, now: datetime, orgs: set[str], kinds: set[str]) -> dict[str, Any]:
    """The same figures from the steps, case by case, without the query."""
    cases: dict[str, list[dict[str, Any]]] = {}
    for row in stack.clickhouse.rows("SELECT * FROM case_steps ORDER BY id, version"):
        if row["org"] in orgs and row["kind"] in kinds and f"{row['opened_at']:%Y-%m}" == "2026-11":
            cases.setdefault(row["id"], []).append(row)
    found: Counter[str] = Counter(raised=len(cases))
    hours = []
    for steps in cases.values():
        actions = Counter(step["action"] for step in steps)
        found.update(appeals=actions["appeal"], appeals_accepted=actions["accept"], appeals_refused=actions["refuse"])
        ends = [step for step in steps if step["action"] in ("resolve", "accept", "pass", "supersede")]
        if ends:
            end = ends[-1]
            name = {"accept": "closed_not_a_fault", "pass": "closed_handled", "supersede": "superseded"}.get(
                end["action"], "closed_by_itself" if end["actor"] == "sanjian" else "closed_by_hand"
            )
            hours.append((end["at"] - steps[0]["at"]) / timedelta(hours=1))
        else:
            name = "open"
        found[name] += 1
        until = [*(step["at"] for step in steps[1:]), now]
        found["overdue"] += any(
            step["due_at"].timestamp() > 0 and step["due_at"] <= end for step, end in zip(steps, until, strict=True)
        )
    return {**found, "median_hours": round(statistics.median(hours), 2) if hours else None}


COUNTS = (
    "raised", "closed_by_itself", "closed_handled", "closed_not_a_fault", "closed_by_hand", "superseded", "open",
    "appeals", "appeals_accepted", "appeals_refused", "overdue",
)  # fmt: skip


async def test_the_summary_of_a_month_is_what_the_steps_add_up_to(api: Running, stack: Stack, month: datetime) -> None:
    found = await summed(api, stack)
    assert [(row["org"], row["name"]) for row in found["rows"]] == [(ORG_A, "甲医院"), (ORG_B, "乙医院")]
    kinds = {"gap", "anomaly_rate"}
    for row in found["rows"]:
        expected = recomputed(stack, month, {row["org"]}, kinds)
        assert {name: row[name] for name in COUNTS} == {name: expected.get(name, 0) for name in COUNTS}
        assert math.isclose(row["median_hours"], expected["median_hours"])
        closed = sum(row[name] for name in COUNTS if name.startswith(("closed", "superseded")))
        assert row["raised"] == closed + row["open"]
    by_b = found["rows"][1]
    assert {name: by_b[name] for name in COUNTS} == {
        "raised": 5, "closed_by_itself": 1, "closed_handled": 0, "closed_not_a_fault": 1, "closed_by_hand": 1,
        "superseded": 0, "open": 2, "appeals": 2, "appeals_accepted": 1, "appeals_refused": 0, "overdue": 2,
    }  # fmt: skip
    everything = recomputed(stack, month, {ORG_A, ORG_B}, kinds)
    assert {name: found["total"][name] for name in COUNTS} == {name: everything.get(name, 0) for name in COUNTS}
    assert found["total"]["median_hours"] == everything["median_hours"]
    for row in (await summed(api, stack, group="org_kind"))["rows"]:
        expected = recomputed(stack, month, {row["org"]}, {row["kind"]})
        assert {name: row[name] for name in COUNTS} == {name: expected.get(name, 0) for name in COUNTS}
    assert [row["kind"] for row in (await summed(api, stack, group="kind"))["rows"]] == ["anomaly_rate", "gap"]
    assert len((await summed(api, stack, test=True))["rows"]) == 3
    assert (await summed(api, stack, month="2026-10"))["total"]["raised"] == 1
    assert (await summed(api, stack, month="2026-09"))["total"] == {
        "org": "", "name": "", "kind": "", "median_hours": None, **dict.fromkeys(COUNTS, 0),
    }  # fmt: skip


async def test_a_hospital_sums_up_its_own_cases_only(api: Running, stack: Stack, month: datetime) -> None:
    found = await summed(api, stack, "b")
    assert [row["org"] for row in found["rows"]] == [ORG_B]
    assert found["total"]["raised"] == found["rows"][0]["raised"]
    for url in ("/api/v1/cases/summary", "/api/v1/cases/summary/export"):
        answer = await api.client.get(url, params={"org": ORG_A}, headers=stack.headers("b"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_org")
        wrong = await api.client.get(url, params={"month": "2026-13"}, headers=stack.headers("b"))
        assert wrong.status_code == 422


async def test_the_summary_is_exported_with_its_total(api: Running, stack: Stack, month: datetime) -> None:
    found = await summed(api, stack, group="org_kind")
    asked = {"month": "2026-11", "group": "org_kind"}
    answer = await api.client.get("/api/v1/cases/summary/export", params=asked, headers=stack.headers("operator"))
    lines = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert lines[0][:4] == ("机构代码", "机构名称", "种类", "发生")
    assert [line[3] for line in lines[1:]] == [*(row["raised"] for row in found["rows"]), found["total"]["raised"]]
    assert (lines[-1][0], lines[1][2]) == ("合计", "异常率")
    csv = await api.client.get(
        "/api/v1/cases/summary/export", params=asked | {"format": "csv", "lang": "en"}, headers=stack.headers("b")
    )
    assert csv.content.decode("utf-8-sig").splitlines()[0].startswith("institution,name,kind,raised")
    rows = stack.clickhouse.rows("SELECT target FROM audit_log WHERE action = 'cases.export'")
    assert [row["target"] for row in rows] == ["2026-11", "2026-11"]
