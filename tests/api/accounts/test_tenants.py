"""Nobody sees another institution: whatever is changed in a call, the answer is a refusal or one's own data."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from anyio import to_thread

from api.accounts.principal import Assignment
from clickhouse.orgs import Org, OrgStore
from tests.api.accounts.people import Browser, person
from tests.api.conftest import NDJSON, ORG_A, ORG_B, Running, Stack, running
from tests.api.landed import NOW, alert, alerts, findings, ledger

pytestmark = pytest.mark.stack
#: A third institution, in another city, which neither is.
ORG_C = "990000000000000000000C"
CITY, COUNTY, OTHER = "370100", "370112", "370200"


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """Two institutions of one city, one of another, all with data."""
    stores = OrgStore(stack.clickhouse, lambda: NOW - timedelta(days=1))
    stores.save([
        Org(ORG_A, "Hospital A", CITY, COUNTY), Org(ORG_B, "Hospital B", CITY, CITY),
        Org(ORG_C, "Hospital C", OTHER, "", test=True),
    ])  # fmt: skip
    for at, org in enumerate((ORG_A, ORG_B, ORG_C)):
        ledger(stack.clickhouse, org=org, offset=at)
        findings(stack.clickhouse, {"org": org, "offset": at, "value": f"of {org}"})
        alerts(stack.clickhouse, alert(at, org))
    stack.machine("city", Assignment("operator", scope=CITY))
    stack.machine("county", Assignment("regulator", scope=COUNTY))
    stack.machine("tester", Assignment("tester"))
    stack.machine("head", Assignment("hospital", ORG_A, manages=True))
    person(stack, "b.head", Assignment("hospital", ORG_B, manages=True))
    async with running(stack.app(now=lambda: NOW)) as found:
        yield found


SEEN = {
    "a": {ORG_A}, "head": {ORG_A}, "county": {ORG_A}, "city": {ORG_A, ORG_B}, "tester": {ORG_C},
    "operator": {ORG_A, ORG_B, ORG_C}, "admin": {ORG_A, ORG_B, ORG_C},
}  # fmt: skip


@pytest.mark.parametrize("who", SEEN)
async def test_each_sees_the_institutions_of_its_own_range(api: Running, stack: Stack, who: str) -> None:
    """Without asking for one: what a list shows. (The routes of which there are rows here.)"""
    shown = {}
    for url in ("/api/v1/findings", "/api/v1/alerts", "/api/v1/orgs/totals", "/api/v1/orgs"):
        answer = await api.client.get(url, headers=stack.headers(who))
        if url != "/api/v1/orgs" or who not in ("a", "head"):
            assert answer.status_code == 200, url
            shown[url] = set(re.findall(r"99\d{19}[A-C]", answer.text))
    in_totals = SEEN[who] if who == "tester" else SEEN[who] - {ORG_C}  # test institutions are in no total
    assert shown == {url: in_totals if url.endswith("totals") else SEEN[who] for url in shown}
    total = (await api.client.get("/api/v1/findings", headers=stack.headers(who))).json()["total"]
    assert total == len(SEEN[who])  # counts too


async def upload(api: Running, stack: Stack, who: str) -> str:
    """Send a batch; its receipt."""
    answer = await api.client.post(
        "/api/v1/changes/TB_HZXX", content=b"{}", headers=stack.headers(who) | NDJSON | {"X-Sanjian-Batch": "b1"}
    )
    assert answer.status_code == 202
    return str(answer.json()["receipt_id"])


async def test_a_receipt_is_for_its_institution_and_for_those_who_oversee_it(api: Running, stack: Stack) -> None:
    receipt = await upload(api, stack, "b")
    for who, status in (("b", 200), ("a", 404), ("county", 404), ("tester", 404)):
        answer = await api.client.get(f"/api/v1/receipts/{receipt}", headers=stack.headers(who))
        assert answer.status_code == status, who
    for who, status in (("city", 200), ("admin", 200), ("county", 403), ("tester", 403), ("a", 403)):
        answer = await api.client.get(f"/api/v1/receipts/{receipt}?org={ORG_B}", headers=stack.headers(who))
        assert answer.status_code == status, who


async def test_an_institution_that_moves_to_another_region_is_seen_there(api: Running, stack: Stack) -> None:
    assert (await api.client.get(f"/api/v1/findings?org={ORG_A}", headers=stack.headers("city"))).status_code == 200
    moved = {"org": ORG_A, "name": "Hospital A", "city": OTHER, "county": ""}
    assert (await api.client.post("/api/v1/orgs", json=moved, headers=stack.headers("admin"))).status_code == 201
    assert (await api.client.get(f"/api/v1/findings?org={ORG_A}", headers=stack.headers("city"))).status_code == 403


async def test_administrators_look_after_their_own_people_and_machines(api: Running, stack: Stack) -> None:
    person(stack, "a.head", Assignment("hospital", ORG_A, manages=True))
    person(stack, "county.head", Assignment("operator", scope=COUNTY, manages=True))
    staff = {"name": "a.staff", "role": "hospital", "org": ORG_A}
    async with Browser(api.app) as head, Browser(api.app) as county, Browser(api.app) as other:
        await head.login("a.head")
        await county.login("county.head")
        await other.login("b.head")
        assert (await head.call("POST", "/api/v1/users", staff)).status_code == 201
        for refused in (
            staff | {"name": "x.y", "org": ORG_B}, staff | {"name": "x.y", "manages": True},
            staff | {"name": "x.y", "personal": True}, {"name": "x.y", "role": "admin"},
        ):  # fmt: skip
            answer = await head.call("POST", "/api/v1/users", refused)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_yours")
        assert [one["name"] for one in (await head.call("GET", "/api/v1/users")).json()["users"]] == ["a.staff"]
        names = {one["name"] for one in (await county.call("GET", "/api/v1/users")).json()["users"]}
        assert names == {"a.staff", "a.head"}
        for method, url, body in (
            ("GET", "/api/v1/users/a.staff", None), ("PUT", "/api/v1/users/a.staff", staff_change(ORG_B)),
            ("POST", "/api/v1/users/a.staff/reset-password", None), ("POST", "/api/v1/users/a.staff/unlock", None),
            ("DELETE", "/api/v1/users/a.staff/sessions", None),
        ):  # fmt: skip
            answer = await other.call(method, url, body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_user"), url
        stolen = await head.call("PUT", "/api/v1/users/a.staff", staff_change(ORG_B))
        assert stolen.json()["error"]["code"] == "not_yours"
        assert (await county.call("PUT", "/api/v1/users/a.staff", staff_change(ORG_A))).status_code == 200
        client = await head.call("POST", "/api/v1/clients", {"label": "HIS", "role": "hospital", "org": ORG_A})
        found = client.json()["client_id"]
        for method, url, body in (
            ("PUT", f"/api/v1/clients/{found}", {"label": "x"}), ("POST", f"/api/v1/clients/{found}/rotate", {}),
            ("DELETE", f"/api/v1/clients/{found}", None),
        ):  # fmt: skip
            answer = await other.call(method, url, body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_client"), url
        labels = {one["label"] for one in (await head.call("GET", "/api/v1/clients")).json()["clients"]}
        assert labels == {"HIS", "hospital a"}
        assert "HIS" not in (await other.call("GET", "/api/v1/clients")).text
    await to_thread.run_sync(stack.accounts.outbox.send, stack.clickhouse)


def staff_change(org: str) -> dict[str, Any]:
    return {"role": "hospital", "org": org, "full_name": "x"}
