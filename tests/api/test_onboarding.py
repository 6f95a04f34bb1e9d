"""Onboarding through the API: a test institution, its checklist and log, the application and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from api.accounts.principal import Assignment
from api.onboarding.codes import serial_of
from clickhouse.orgs import Org, OrgStore
from clickhouse.schedule import EVERY
from clickhouse.thresholds import Threshold, ThresholdStore
from sanjian.errors import NotNow
from standard.load import load
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.api.facts import day_facts, expected, ledger_day, store_day
from tests.api.landed import DAY, NOW, RULE, TABLE, findings, ledger

pytestmark = pytest.mark.stack
CITY, COUNTY, OTHER = "370100", "370112", "370200"
URL = "/api/v1/onboarding"
#: A local code that is itself a standard code.
DRUG = "101900000379"
TABLES = [name for name, table in load().tables.items() if table.domain != "inpatient"]


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """The real institution A lies in the county, B in another city; both have people who look after them. Two days in a
    row are asked for."""
    stores = OrgStore(stack.clickhouse, lambda: NOW - timedelta(days=1))
    stores.save([Org(ORG_A, "Hospital A", CITY, COUNTY), Org(ORG_B, "Hospital B", OTHER)])
    stack.machine("county", Assignment("operator", scope=COUNTY, manages=True))
    stack.machine("watcher", Assignment("regulator", scope=CITY))
    stack.machine("elsewhere", Assignment("operator", scope=OTHER, manages=True))
    thresholds = ThresholdStore(stack.clickhouse, lambda: NOW)
    thresholds.save([Threshold(EVERY, EVERY, "onboarding_days", 2)], "tests")
    async with running(stack.app(now=lambda: NOW)) as found:
        yield found


class Calls:
    """Calls with the headers of somebody; ``error`` for what is refused."""

    def __init__(self, api: Running, stack: Stack) -> None:
        self._api = api
        self._stack = stack

    async def __call__(self, who: str, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
        answer = await self._api.client.request(method, URL + path, headers=self._stack.headers(who), json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def error(self, who: str, method: str, path: str = "", body: Any = None) -> tuple[int, str]:
        answer = await self._api.client.request(method, URL + path, headers=self._stack.headers(who), json=body)
        return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def call(api: Running, stack: Stack) -> Calls:
    return Calls(api, stack)


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "name": "历城区示范医院", "formal": ORG_A, "city": CITY, "county": COUNTY, "level": 2, "inpatient": False,
        "client": "示范医院测试",
    } | changes  # fmt: skip


async def begun(call: Calls, stack: Stack) -> str:
    """A test institution whose own machine is ``tester``."""
    made = await call("county", "POST", body=wish(), status=201)
    org = str(made["onboarding"]["org"])
    stack.machine("tester", Assignment("tester", org), "HIS under test")
    return org


def sent_everything(stack: Stack, org: str, days: int = 2) -> None:
    """So many days of every table, as the watch would have summed them up."""
    for back in range(days):
        for table in TABLES:
            day = DAY - timedelta(days=back)
            ledger_day(stack.clickhouse, org=org, table=table, biz_date=day)
            expected(stack.clickhouse, org=org, table=table, biz_date=day)
    day_facts(stack.clickhouse, org=org, codes=[("MXXMBM", "drug", DRUG, DRUG, 10)])
    store_day(stack.clickhouse, org=org)


def states(said: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["state"] for one in said["conditions"]}


async def test_a_test_institution_is_made_with_credentials_that_are_shown_once(
    api: Running, stack: Stack, call: Calls
) -> None:
    made = await call("county", "POST", body=wish(), status=201)
    org = made["onboarding"]["org"]
    assert serial_of(org) == 1
    assert (made["onboarding"]["state"], made["onboarding"]["met"]) == ("testing", 0)
    known = {one.org: one for one in OrgStore(stack.clickhouse).all()}[org]
    assert (known.test, known.county, known.name) == (True, COUNTY, "历城区示范医院（测试）")
    form = {"grant_type": "client_credentials", **made["credentials"]}
    token = (await api.client.post("/api/v1/oauth/token", data=form)).json()["access_token"]
    me = (await api.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert (me["role"], me["org"]) == ("tester", org)
    again = await call("county", "POST", body=wish(), status=201)
    assert (again["onboarding"]["org"], again["credentials"]) == (org, None)
    other = await call("county", "POST", body=wish(name="供应商甲", formal="", client=""), status=201)
    assert (serial_of(other["onboarding"]["org"]), other["credentials"]) == (2, None)
    machines = (await call("county", "GET", f"/{org}"))["clients"]
    assert [one["label"] for one in machines] == ["示范医院测试"]
    assert "client_secret" not in str(machines)


async def test_a_start_that_was_cut_off_is_finished_by_the_same_call(
    api: Running, stack: Stack, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: OrgStore, orgs: list[Org]) -> None:
        raise NotNow("ClickHouse is away")

    with monkeypatch.context() as broken:
        broken.setattr(OrgStore, "save", away)
        assert await call.error("county", "POST", body=wish()) == (503, "not_now")
    made = await call("county", "POST", body=wish(), status=201)
    assert serial_of(made["onboarding"]["org"]) == 1
    assert made["credentials"] is not None


async def test_who_does_not_look_after_the_region_makes_no_test_institution_there(call: Calls) -> None:
    assert await call.error("elsewhere", "POST", body=wish()) == (403, "not_yours")
    assert await call.error("watcher", "POST", body=wish()) == (403, "forbidden")  # no administrator
    assert await call.error("a", "POST", body=wish()) == (403, "forbidden")
    assert await call.error("county", "POST", body=wish(formal=ORG_B)) == (403, "not_yours")
    await call("county", "POST", body=wish(), status=201)
    assert await call.error("county", "POST", body=wish(name="另一个")) == (409, "onboarding_there")


async def test_a_registration_is_approved_as_tester_of_the_new_institution(
    api: Running, stack: Stack, call: Calls
) -> None:
    asked = {
        "name": "wang.fang", "full_name": "王芳", "password": "a long enough one", "role": "hospital", "org": ORG_A,
    }  # fmt: skip
    ident = (await api.client.post("/api/v1/registrations", json=asked)).json()["id"]
    org = (await call("county", "POST", body=wish(registration=ident), status=201))["onboarding"]["org"]
    assert stack.accounts.users.find("wang.fang").assignment == Assignment("tester", org)


async def test_each_sees_the_onboardings_of_its_own_range(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    stack.machine("another tester", Assignment("tester", ORG_B))
    for who in ("county", "watcher", "admin", "operator", "tester", "a"):  # A is the real institution
        assert [one["org"] for one in (await call(who, "GET"))["onboardings"]] == [org]
        await call(who, "GET", f"/{org}")
        await call(who, "GET", f"/{org}/log")
    for who in ("elsewhere", "b", "another tester"):
        assert (await call(who, "GET"))["onboardings"] == []
        for path in (f"/{org}", f"/{org}/log"):
            assert await call.error(who, "GET", path) == (404, "unknown_onboarding")
    for step in ("apply", "withdraw"):
        assert await call.error("county", "POST", f"/{org}/{step}", {}) == (403, "forbidden")
        assert await call.error("b", "POST", f"/{org}/{step}", {}) == (404, "unknown_onboarding")
    for step, body in (("approve", {}), ("refuse", {"note": "x"})):
        assert await call.error("tester", "POST", f"/{org}/{step}", body) == (403, "forbidden")
        assert await call.error("elsewhere", "POST", f"/{org}/{step}", body) == (404, "unknown_onboarding")


async def test_the_checklist_turns_green_when_the_conditions_hold(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    said = await call("tester", "GET", f"/{org}")
    assert (said["onboarding"]["ready"], said["days"], said["actions"]) == (False, 2, ["apply"])
    assert all(one["fix_zh"] and one["fix_en"] for one in said["conditions"] if one["state"] != "met")
    sent_everything(stack, org, days=1)
    said = await call("tester", "GET", f"/{org}")
    assert {name for name, state in states(said).items() if state != "met"} == {"days", "success"}
    assert said["onboarding"]["met"] == 4
    sent_everything(stack, org)
    said = await call("tester", "GET", f"/{org}")
    assert set(states(said).values()) == {"met"}
    assert said["onboarding"]["ready"]
    assert (await call("county", "GET"))["onboardings"][0]["ready"]


async def test_figures_of_others_move_no_checklist(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    sent_everything(stack, ORG_A)
    said = states(await call("tester", "GET", f"/{org}"))
    assert {name for name, state in said.items() if state == "met"} == {"credentials"}


async def test_thresholds_decide_what_is_asked_for(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    sent_everything(stack, org, days=1)
    store = ThresholdStore(stack.clickhouse, lambda: NOW)
    store.save([Threshold(org, EVERY, "onboarding_days", 1)], "tests")
    assert (await call("tester", "GET", f"/{org}"))["onboarding"]["ready"]
    ledger_day(stack.clickhouse, org=org, table=TABLE, partition=1, accepted=5, rejected=5)  # 15 of 20
    said = await call("tester", "GET", f"/{org}")
    assert states(said)["success"] == "unmet"
    worst = next(one for one in said["conditions"] if one["id"] == "success")["items"][0]
    assert (worst["name"], worst["rate"]) == (TABLE, 0.75)
    store.save([Threshold(org, TABLE, "onboarding_success_rate", 0.7)], "tests")
    assert (await call("tester", "GET", f"/{org}"))["onboarding"]["ready"]


async def test_the_log_shows_the_newest_messages_with_what_was_wrong(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    for offset in range(3):
        ledger(
            stack.clickhouse, org=org, offset=offset, batch=f"b{offset}", rejected=1, accepted=9,
            arrived_at=NOW + timedelta(seconds=offset),
        )  # fmt: skip
    ledger(stack.clickhouse, org=ORG_B, offset=9)
    findings(
        stack.clickhouse, {"org": org, "offset": 2}, {"org": org, "offset": 2, "row": 2}, {"org": ORG_B, "offset": 1}
    )
    ledger_day(stack.clickhouse, org=org, arrival_day=date(2026, 11, 21), accepted=9, rejected=1)
    ledger_day(stack.clickhouse, org=org, arrival_day=DAY, accepted=5, rejected=5, partition=1)
    page = await call("tester", "GET", f"/{org}/log?limit=2")
    assert [one["batch"] for one in page["messages"]] == ["b2", "b1"]
    first, second = page["messages"]
    assert [(one["rule_id"], one["rows"]) for one in first["rules"]] == [(RULE.id, 2)]
    assert first["rules"][0]["fix_zh"] == RULE.fix_zh
    assert second["rules"] == []
    (table,) = page["tables"]
    assert (table["table"], table["today"]["rate"], table["lately"]["rate"]) == (TABLE, 0.9, 0.7)
    rest = await call("tester", "GET", f"/{org}/log?limit=2&cursor={page['next_cursor']}")
    assert ([one["batch"] for one in rest["messages"]], rest["next_cursor"], rest["tables"]) == (["b0"], None, [])
    assert await call.error("tester", "GET", f"/{org}/log?cursor=x") == (422, "invalid")
    assert await call.error("tester", "GET", f"/{org}/log?table=TB_X") == (404, "unknown_table")
    assert (await call("tester", "GET", f"/{org}/log?table=TB_HZXX"))["messages"] == []


async def test_messages_of_the_same_moment_are_on_one_page_each(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    for partition in range(3):
        ledger(stack.clickhouse, org=org, partition=partition, batch=f"b{partition}")
    found, cursor = [], ""
    while cursor is not None:
        page = await call("tester", "GET", f"/{org}/log?limit=1&cursor={cursor}")
        found += [one["batch"] for one in page["messages"]]
        cursor = page["next_cursor"]
    assert found == ["b2", "b1", "b0"]


async def test_applied_for_and_approved_the_institution_becomes_real(api: Running, stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    assert await call.error("tester", "POST", f"/{org}/apply", {}) == (409, "not_ready")
    sent_everything(stack, org)
    assert await call.error("county", "POST", f"/{org}/approve", {}) == (409, "onboarding_state")
    applied = await call("tester", "POST", f"/{org}/apply", {"note": "请审批"})
    assert (applied["state"], applied["version"]) == ("applied", 2)
    assert await call.error("county", "POST", f"/{org}/approve", {"version": 1}) == (409, "onboarding_changed")
    approved = await call("county", "POST", f"/{org}/approve", {"version": 2})
    assert (approved["state"], approved["starts_on"]) == ("approved", "2026-11-22")
    known = {one.org: one for one in OrgStore(stack.clickhouse).all()}
    assert (known[ORG_A].starts_on, known[ORG_A].test, known[ORG_A].name) == (date(2026, 11, 22), False, "Hospital A")
    assert known[org].test
    assert known[org].active  # the test institution stays
    said = await call("a", "GET", f"/{org}")
    assert [(one["action"], one["actor"]) for one in said["steps"]] == [
        ("start", "operator:county"), ("apply", "tester:HIS under test"), ("approve", "operator:county"),
    ]  # fmt: skip
    assert said["steps"][1]["figures"]["days"] == {"figure": 2.0, "needed": 2.0, "unit": "days"}
    assert said["actions"] == []
    always = "from=2026-01-01T00:00:00Z&to=2199-01-01T00:00:00Z"  # the accounts keep the real time
    url = f"/api/v1/audit-log?action=onboarding&{always}"
    log = (await api.client.get(url, headers=stack.headers("admin"))).json()
    assert [one["action"] for one in log["entries"]] == ["onboarding.approve", "onboarding.apply", "onboarding.start"]
    assert log["entries"][0]["detail"]["formal"] == ORG_A


async def test_an_institution_that_nobody_knew_is_made_like_its_test_institution(stack: Stack, call: Calls) -> None:
    new = "123701024955700014A001"
    made = await call("county", "POST", body=wish(formal="", client=""), status=201)
    org = made["onboarding"]["org"]
    stack.machine("tester", Assignment("tester", org))
    sent_everything(stack, org)
    assert await call.error("tester", "POST", f"/{org}/apply", {}) == (422, "no_formal_org")
    assert await call.error("tester", "POST", f"/{org}/apply", {"formal": org}) == (422, "no_formal_org")
    await call("tester", "POST", f"/{org}/apply", {"formal": new})
    await call("county", "POST", f"/{org}/approve", {"starts_on": "2026-12-01"})
    known = {one.org: one for one in OrgStore(stack.clickhouse).all()}[new]
    assert (known.name, known.county, known.inpatient, known.starts_on, known.test) == (
        "历城区示范医院", COUNTY, False, date(2026, 12, 1), False,
    )  # fmt: skip


async def test_nobody_is_made_real_in_a_region_that_the_approver_does_not_look_after(stack: Stack, call: Calls) -> None:
    made = await call("county", "POST", body=wish(formal="", client=""), status=201)
    org = made["onboarding"]["org"]
    stack.machine("tester", Assignment("tester", org))
    sent_everything(stack, org)
    await call("tester", "POST", f"/{org}/apply", {"formal": ORG_B})  # of another city
    assert await call.error("county", "POST", f"/{org}/approve", {}) == (403, "not_yours")
    assert (await call("county", "GET", f"/{org}"))["onboarding"]["state"] == "applied"


async def test_an_approval_that_was_cut_off_is_finished_by_approving_again(
    stack: Stack, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await begun(call, stack)
    sent_everything(stack, org)
    await call("tester", "POST", f"/{org}/apply", {"note": ""})
    OrgStore(stack.clickhouse, lambda: NOW).save([Org(ORG_A, "Hospital A", CITY, COUNTY, active=False)])

    def away(_: OrgStore, orgs: list[Org]) -> None:
        raise NotNow("ClickHouse is away")

    with monkeypatch.context() as broken:
        broken.setattr(OrgStore, "save", away)
        assert await call.error("county", "POST", f"/{org}/approve", {"starts_on": "2026-12-01"}) == (503, "not_now")
    again = await call("county", "POST", f"/{org}/approve", {})
    assert again["starts_on"] == "2026-12-01"  # as it was decided
    known = {one.org: one for one in OrgStore(stack.clickhouse).all()}[ORG_A]
    assert (known.active, known.starts_on) == (True, date(2026, 12, 1))


async def test_who_was_refused_mends_it_and_applies_again(stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    sent_everything(stack, org)
    await call("tester", "POST", f"/{org}/apply", {})
    assert await call.error("county", "POST", f"/{org}/refuse", {}) == (422, "invalid")  # a reason is needed
    refused = await call("county", "POST", f"/{org}/refuse", {"note": "费用明细缺少医保类别"})
    assert refused["state"] == "refused"
    said = await call("tester", "GET", f"/{org}")
    assert (said["steps"][-1]["note"], said["actions"]) == ("费用明细缺少医保类别", ["apply"])
    await call("a", "POST", f"/{org}/apply", {})  # the real institution may, too
    assert (await call("a", "POST", f"/{org}/withdraw", {}))["state"] == "testing"


async def test_of_two_who_decide_at_once_one_has_it(api: Running, stack: Stack, call: Calls) -> None:
    org = await begun(call, stack)
    sent_everything(stack, org)
    await call("tester", "POST", f"/{org}/apply", {})

    async def decide(step: str) -> httpx.Response:
        body = {"version": 2, "note": "同时"}
        return await api.client.post(f"{URL}/{org}/{step}", headers=stack.headers("county"), json=body)

    answers = await asyncio.gather(*(decide(step) for step in ("approve", "refuse", "refuse")))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(stack.accounts.onboarding.steps(org)) == 3
