"""Grafana's webhook: its alerts are cases like all others, however often and in whatever order they come."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.accounts.principal import Assignment
from api.accounts.region import EVERYWHERE
from streams.cases.cases import Cases
from tests.api.conftest import Running, Stack, running
from tests.streams.cases.build import gap

pytestmark = pytest.mark.stack
PATH = "/api/v1/grafana/alerts"
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
BEGAN, LATER = "2026-11-21T11:30:00+08:00", "2026-11-21T11:50:00+08:00"


class Clock:
    """The time that the API sees."""

    now = NOW


@pytest.fixture
def clock() -> Clock:
    """Noon in Shanghai."""
    return Clock()


@pytest.fixture
async def api(stack: Stack, clock: Clock) -> AsyncIterator[Running]:
    """The API, with a machine for Grafana."""
    stack.machine("grafana", Assignment("operator", scope=EVERYWHERE))
    async with running(stack.app(now=lambda: clock.now)) as found:
        yield found


def alert(status: str = "firing", since: str = BEGAN, fingerprint: str = "c6eadffa33fcdf37", **more: Any) -> Any:
    """As Grafana's documentation shows it."""
    return {
        "status": status, "labels": {"alertname": "入库滞后", "severity": "critical", "sanjian": "grafana"},
        "annotations": {
            "summary": "数据到达 10 分钟后仍未入库", "summary_en": "What arrived has not landed",
            "description": "检查 worker",
            "description_en": "Check the workers", "value": "31.5", "threshold": "10", "board": "sanjian-pipeline",
        },
        "startsAt": since, "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-21T12:00:00+08:00",
        "generatorURL": "https://grafana/alerting/x/edit", "fingerprint": fingerprint, "silenceURL": "",
        "dashboardURL": "", "panelURL": "", "values": {"B": 31.5, "C": 1}, **more,
    }  # fmt: skip


async def post(api: Running, stack: Stack, *alerts: Any, who: str = "grafana") -> httpx.Response:
    body = {
        "receiver": "sanjian-webhook", "status": "firing", "orgId": 1, "alerts": list(alerts), "groupLabels": {},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "https://grafana/", "version": "1",
        "groupKey": "{}", "truncatedAlerts": 0, "title": "x", "state": "alerting", "message": "x",
    }  # fmt: skip
    return await api.client.post(PATH, json=body, headers=stack.headers(who))


async def taken(api: Running, stack: Stack, *alerts: Any) -> int:
    answer = await post(api, stack, *alerts)
    assert answer.status_code == 200, answer.text
    assert answer.json()["received"] == len(alerts)
    return int(answer.json()["taken"])


async def cases(api: Running, stack: Stack, **wanted: str) -> list[dict[str, Any]]:
    answer = await api.client.get(
        "/api/v1/cases", params={"kind": "grafana"} | wanted, headers=stack.headers("operator")
    )
    found: list[dict[str, Any]] = answer.json()["cases"]
    return found


async def test_an_alert_becomes_a_case_with_texts_figures_and_severity(api: Running, stack: Stack) -> None:
    assert await taken(api, stack, alert()) == 1
    [case] = await cases(api, stack)
    assert (case["state"], case["stage"], case["severity"], case["org"]) == ("open", "clue", "critical", "")
    assert (case["zh"], case["en"]) == ("数据到达 10 分钟后仍未入库", "What arrived has not landed")
    assert (case["fix_zh"], case["fix_en"]) == ("检查 worker", "Check the workers")
    assert (case["measure"]["numerator"], case["measure"]["threshold"]) == (31.5, 10)
    assert case["details"]["board"] == "sanjian-pipeline"
    told = stack.clickhouse.rows("SELECT kind, id FROM alerts FINAL")
    assert [row["kind"] for row in told] == ["grafana"]
    [entry] = stack.clickhouse.rows("SELECT actor, action, target FROM audit_log WHERE action = 'case.report'")
    assert (entry["actor"], entry["target"]) == ("operator:grafana", "grafana")


async def test_the_same_alert_again_changes_nothing_and_its_end_closes_the_case(
    api: Running, stack: Stack, clock: Clock
) -> None:
    assert [await taken(api, stack, alert()) for _ in range(3)] == [1, 0, 0]
    clock.now += timedelta(minutes=1)
    assert [await taken(api, stack, alert("resolved")) for _ in range(3)] == [1, 0, 0]
    [case] = await cases(api, stack)
    assert (case["state"], case["ending"]) == ("resolved", "by_itself")


async def test_what_comes_late_or_out_of_order_opens_and_closes_nothing(
    api: Running, stack: Stack, clock: Clock
) -> None:
    assert await taken(api, stack, alert("resolved")) == 0  # nobody knew of it
    assert await taken(api, stack, alert()) == 1
    clock.now += timedelta(minutes=1)
    assert await taken(api, stack, alert("resolved")) == 1
    assert await taken(api, stack, alert()) == 0  # the first message once more, after the end
    clock.now += timedelta(minutes=1)
    assert await taken(api, stack, alert(since=LATER)) == 1  # it began anew
    [case] = await cases(api, stack, state="open")
    assert case["reopened"] == 1
    assert await taken(api, stack, alert("resolved")) == 0  # the end of the first time
    assert [one["state"] for one in await cases(api, stack)] == ["open"]


async def test_two_alerts_are_two_cases_and_a_graver_one_is_told(api: Running, stack: Stack, clock: Clock) -> None:
    mild = alert(fingerprint="aa", labels={"alertname": "x", "severity": "warning"})
    assert await taken(api, stack, mild, alert(fingerprint="bb")) == 2
    clock.now += timedelta(minutes=1)
    assert await taken(api, stack, alert(fingerprint="aa")) == 1
    assert {case["severity"] for case in await cases(api, stack)} == {"critical"}


async def test_our_own_watch_leaves_these_cases_alone(api: Running, stack: Stack, clock: Clock) -> None:
    await taken(api, stack, alert())
    Cases(stack.clickhouse, lambda notices, now: None).apply([gap()], (), clock.now + timedelta(hours=1))
    [case] = await cases(api, stack)
    assert (case["state"], case["firing"]) == ("open", True)


async def test_what_people_closed_stays_closed_until_it_has_been_away(api: Running, stack: Stack, clock: Clock) -> None:
    await taken(api, stack, alert())
    [case] = await cases(api, stack)
    clock.now += timedelta(minutes=1)
    done = await api.client.post(
        f"/api/v1/cases/{case['id']}/resolve", json={"note": "known"}, headers=stack.headers("operator")
    )
    assert done.status_code == 200
    assert await taken(api, stack, alert()) == 0
    clock.now += timedelta(minutes=1)
    assert await taken(api, stack, alert("resolved")) == 1
    assert await taken(api, stack, alert(since=LATER)) == 1
    assert [one["state"] for one in await cases(api, stack)] == ["open"]


async def test_a_rule_that_somebody_made_by_hand_says_its_name(api: Running, stack: Stack) -> None:
    bare = {"status": "firing", "labels": {"alertname": "磁盘"}, "startsAt": BEGAN, "fingerprint": "f", "values": None}
    assert await taken(api, stack, bare) == 1
    [case] = await cases(api, stack)
    assert (case["zh"], case["severity"], case["measure"]["numerator"]) == ("看板告警：磁盘", "warning", None)


async def test_only_machines_that_see_everything_may_report(api: Running, stack: Stack) -> None:
    stack.machine("city", Assignment("operator", scope="370100"))
    for who, status in (("a", 403), ("city", 403), ("grafana", 200)):
        assert (await post(api, stack, who=who)).status_code == status, who
    assert (await api.client.post(PATH, json={"alerts": []})).status_code == 401


async def test_grafana_shows_id_and_secret_as_a_basic_header_here_and_nowhere_else(api: Running, stack: Stack) -> None:
    def basic(ident: str, secret: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{ident}:{secret}".encode()).decode()}

    known = stack.secrets["grafana"]
    right = basic(known.client_id, known.secret)
    answer = await api.client.post(PATH, json={"alerts": [alert()]}, headers=right)
    assert (answer.status_code, answer.json()["taken"]) == (200, 1)
    for wrong in (basic(known.client_id, "no"), basic("nobody", known.secret), {"Authorization": "Basic %%%"}):
        assert (await api.client.post(PATH, json={"alerts": []}, headers=wrong)).status_code == 401
    assert (await api.client.get("/api/v1/cases", headers=right)).status_code == 401


@pytest.mark.parametrize("wrong", [
    {"alerts": "x"}, {}, {"alerts": [{}]}, {"alerts": [alert(since="yesterday")]}, {"alerts": [alert("broken")]},
    {"alerts": [alert(fingerprint="a|b")]},
])  # fmt: skip
async def test_what_is_not_grafanas_is_refused(api: Running, stack: Stack, wrong: Any) -> None:
    answer = await api.client.post(PATH, json=wrong, headers=stack.headers("grafana"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
