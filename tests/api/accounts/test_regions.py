"""What the staff of a region keep for its institutions: channels, schedule, quiet times, declarations, maps, cases."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.accounts.principal import Assignment
from clickhouse.schedule import EVERY, QuietTime, QuietTimeStore, ScheduleEntry, ScheduleStore
from clickhouse.thresholds import Threshold, ThresholdStore
from tests.api.accounts.everything import channel_of, delivery_of, quiet_of, visit_of
from tests.api.accounts.test_walk import api
from tests.api.conftest import ORG_A, ORG_B, Running, Stack
from tests.api.landed import NOW
from tests.api.workbooks import table

pytestmark = pytest.mark.stack
__all__ = ["api"]  # the fixture: institutions A (of the county), B and C with something of each in every place
HOLIDAY = {"kind": "holiday", "starts_at": "2026-11-01T00:00:00+08:00", "ends_at": "2026-11-02T00:00:00+08:00"}


async def call(api: Running, stack: Stack, method: str, path: str, who: str = "keeper", **sent: Any) -> httpx.Response:
    return await api.client.request(method, f"/api/v1/{path}", headers=stack.headers(who), **sent)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_a_channel_is_for_institutions_of_the_region_only(api: Running, stack: Stack) -> None:
    body = {"kind": "webhook", "target": "http://127.0.0.1:9/x", "orgs": [ORG_A]}
    assert (await call(api, stack, "PUT", "channels/ours", json=body)).json()["secret"]
    shown = (await call(api, stack, "GET", "channels")).json()["channels"]
    assert [one["name"] for one in shown] == [channel_of(ORG_A), "ours"]
    for orgs in ([], [ORG_B], [ORG_A, ORG_B]):  # none: all of them
        assert code(await call(api, stack, "PUT", "channels/ours", json=body | {"orgs": orgs})) == "other_org"
    assert code(await call(api, stack, "PUT", f"channels/{channel_of(ORG_B)}", json=body)) == "name_taken"
    assert code(await call(api, stack, "DELETE", f"channels/{channel_of(ORG_B)}")) == "unknown_channel"
    assert (await call(api, stack, "POST", "channels/ours/test")).json()["delivered"] is False
    assert (await call(api, stack, "DELETE", "channels/ours")).status_code == 200
    stack.machine("clerk", Assignment("operator", scope="370112"))
    assert code(await call(api, stack, "PUT", "channels/ours", "clerk", json=body)) == "forbidden"


async def test_deliveries_are_those_of_the_region(api: Running, stack: Stack) -> None:
    found = (await call(api, stack, "GET", "outbox")).json()
    assert {one["org"] for one in found["deliveries"]} == {ORG_A}
    assert found["total"] == len(found["deliveries"])
    assert (await call(api, stack, "POST", f"outbox/{delivery_of(ORG_A)}/retry")).json()["state"] == "pending"


async def test_dead_letters_are_those_of_the_region(api: Running, stack: Stack) -> None:
    found = (await call(api, stack, "GET", "deadletters")).json()
    assert (found["total"], [one["org"] for one in found["dead_letters"]]) == (1, [ORG_A])
    assert code(await call(api, stack, "GET", f"deadletters?org={ORG_B}")) == "other_org"


async def test_the_schedule_of_the_region_is_kept_and_that_of_all_is_seen(api: Running, stack: Stack) -> None:
    ScheduleStore(stack.clickhouse).save([ScheduleEntry(note="all")], "admin")
    entries = (await call(api, stack, "GET", "schedule")).json()["entries"]
    assert [(one["org"], one["note"]) for one in entries] == [(EVERY, "all"), (ORG_A, f"of {ORG_A}")]
    for org in (EVERY, ORG_B):
        refused = await call(api, stack, "PUT", "schedule", json={"entries": [{"org": org}]})
        assert [one["code"] for one in refused.json()["error"]["problems"]] == ["other_org"]
        assert code(await call(api, stack, "DELETE", "schedule", params={"org": org})) == "unknown_entry"
        file = table("机构代码,标准表,T+天数", f"{org},TB_HZXX,2")
        [wrong] = (await call(api, stack, "POST", "schedule/import", content=file)).json()["error"]["import"][
            "problems"
        ]
        assert wrong["code"] == "other_org"
    assert (await call(api, stack, "PUT", "schedule", json={"entries": [{"org": ORG_A, "due_days": 3}]})).is_success
    assert (await call(api, stack, "DELETE", "schedule", params={"org": ORG_A})).json() == {"deleted": 1}
    exported = (await call(api, stack, "GET", "schedule/export?format=csv", "county")).text
    assert ORG_A not in exported
    assert "all" in exported
    assert code(await call(api, stack, "PUT", "schedule", "county", json={"entries": [{"org": ORG_A}]})) == "forbidden"


async def test_quiet_times_of_others_are_not_replaced_by_their_ids(api: Running, stack: Stack) -> None:
    everywhere = QuietTime("national", EVERY, EVERY, "holiday", NOW, NOW.replace(hour=6), "all")
    QuietTimeStore(stack.clickhouse).save([everywhere], "admin")
    entries = (await call(api, stack, "GET", "quiet-times")).json()["entries"]
    assert {one["id"] for one in entries} == {quiet_of(ORG_A), "national"}
    for ident in (quiet_of(ORG_B), "national"):
        body = {"entries": [{"id": ident, "org": ORG_A, **HOLIDAY}]}
        assert code(await call(api, stack, "PUT", "quiet-times", json=body)) == "other_org"
        assert code(await call(api, stack, "DELETE", f"quiet-times/{ident}")) == "unknown_entry"
    assert (await call(api, stack, "PUT", "quiet-times", json={"entries": [{"org": ORG_A, **HOLIDAY}]})).is_success
    assert (await call(api, stack, "DELETE", f"quiet-times/{quiet_of(ORG_A)}")).json() == {"deleted": 1}


async def test_thresholds_of_the_region_and_of_all_are_seen(api: Running, stack: Stack) -> None:
    ThresholdStore(stack.clickhouse).save([Threshold(EVERY, EVERY, "anomaly_rate_warning", 0.2)], "admin")
    for who in ("keeper", "county"):
        entries = (await call(api, stack, "GET", "thresholds", who)).json()["entries"]
        assert [(one["org"], one["value"]) for one in entries] == [(EVERY, 0.2), (ORG_A, 0.1)]
        one = {"entries": [{"org": ORG_A, "name": "anomaly_rate_warning", "value": 1}]}
        assert code(await call(api, stack, "PUT", "thresholds", who, json=one)) == "forbidden"


async def test_declarations_and_maps_are_kept_for_institutions_of_the_region(api: Running, stack: Stack) -> None:
    seen = (await call(api, stack, "GET", "declarations", "county")).json()["entries"]
    assert [one["org"] for one in seen] == [ORG_A]
    figures = {"month": "2026-10-01", "figures": {"outpatient_visits": 7}}
    assert (await call(api, stack, "PUT", "declarations", json={"entries": [{"org": ORG_A, **figures}]})).is_success
    refused = await call(api, stack, "PUT", "declarations", json={"entries": [{"org": ORG_B, **figures}]})
    assert code(refused) == "rows_wrong"
    history = await call(api, stack, "GET", f"codemaps/{ORG_A}/department/history", "county")
    assert [one["version"] for one in history.json()["versions"]] == [1]
    undo = f"codemaps/{ORG_A}/department/undo?version=1"
    assert code(await call(api, stack, "POST", undo, "county")) == "forbidden"  # regulators look
    assert (await call(api, stack, "POST", undo)).json()["version"] == 2


async def test_cases_of_the_region_are_acknowledged_by_regulators_and_resolved_by_operators(
    api: Running, stack: Stack
) -> None:
    found = (await call(api, stack, "GET", "cases", "county")).json()
    assert (found["total"], found["cases"][0]["org"]) == (1, ORG_A)
    case = f"cases/{found['cases'][0]['id']}"
    assert (await call(api, stack, "POST", f"{case}/acknowledge", "county", json={})).json()["state"] == "acknowledged"
    assert code(await call(api, stack, "POST", f"{case}/resolve", "county", json={"note": "x"})) == "forbidden"
    assert (await call(api, stack, "POST", f"{case}/resolve", json={"note": "x"})).json()["state"] == "resolved"
    rows = stack.clickhouse.rows("SELECT actor, action FROM audit_log WHERE action LIKE 'case.%' ORDER BY at")
    assert [(row["actor"], row["action"]) for row in rows] == [
        ("regulator:county", "case.acknowledge"),
        ("operator:keeper", "case.resolve"),
    ]


@pytest.mark.parametrize(("who", "institutions"), [("county", 1), ("head", 1), ("tester", 1), ("operator", 2)])
async def test_sums_are_of_the_institutions_that_one_may_see(
    api: Running, stack: Stack, who: str, institutions: int
) -> None:
    report = (await call(api, stack, "GET", "indicators/check_report?month=2026-11", who)).json()
    assert report["totals"]["received"] == 10 * institutions
    rules = (await call(api, stack, "GET", "indicators/check_report/rules?month=2026-11", who)).json()
    assert {row["orgs"] for row in rules["rows"]} == {institutions}


async def test_a_tester_sees_records_of_test_institutions_only(api: Running, stack: Stack) -> None:
    test_org = "990000000000000000000C"
    own = await call(api, stack, "GET", f"records/{test_org}/{visit_of(test_org)}", "tester")
    assert own.status_code == 200
    assert code(await call(api, stack, "GET", f"records/{ORG_A}/{visit_of(ORG_A)}", "tester")) == "other_org"
