"""Every route with somebody else's institution and ids: a refusal or one's own data, and nothing of theirs changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import httpx
import pytest

from api.accounts.declared import Declared, declared
from api.accounts.principal import Assignment
from api.ports import PartitionAudit, Ports
from clickhouse.client import ClickHouse
from clickhouse.narrowed import Narrowed, institution_columns
from clickhouse.orgs import Org
from standard.load import load
from streams.cases.store import CaseReader
from streams.deadletters import DeadLetters
from streams.producer import Producer
from tests.api.accounts.everything import channel_of, delivery_of, everything, quiet_of, submission_of, visit_of
from tests.api.accounts.people import person
from tests.api.accounts.test_tenants import CITY, COUNTY, ORG_C, OTHER, upload
from tests.api.conftest import ORG_A, ORG_B, TESTS, Running, Serve, Stack, running
from tests.api.landed import NOW, TABLE, alert
from tests.api.streaming import closed, hear, publish, stream
from tests.api.workbooks import table

pytestmark = pytest.mark.stack
#: None of these may see institution B.
OTHERS = ("head", "county", "keeper", "tester")
#: What only shows what the caller has or is, or the whole platform's, or nothing about an institution.
WITHOUT_B = {
    "/api/v1/me", "/api/v1/status", "/api/v1/registrations", "/api/v1/audit", "/api/v1/watch", "/api/v1/audit-log",
    "/api/v1/indicators/check_report/rules",
    "/api/v1/submissions/{submission}/file",
    # what these say is about rules and specialties, however many institutions it is counted over
    "/api/v1/front-pages/findings/rules", "/api/v1/front-pages/score/rules", "/api/v1/front-pages/score/terms",
    "/api/v1/front-pages/specialties", "/api/v1/front-pages/specialties/figures",
    "/api/v1/rejected/redrives/{ident}", "/api/v1/indicators/check_report/trend", "/api/v1/onboarding/{org}/log",
}  # fmt: skip


#: What no route reads on its own.
WITHOUT_ROWS = {"alert_positions", "judgements", "row_days", "store_done", "unmapped_codes"}


#: One that the catalogue of departments has.
STANDARD_CODE = next(iter(load().catalogues["department"]))
#: A step of the closed loop.
LOOP = {"version": 1, "note": "x"}


class NothingMissing:
    """The ledger and the topic agree."""

    def audit(self) -> Sequence[PartitionAudit]:
        return []

    repair = audit


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """Institutions A and B of one city, A in a county of it; C is a test institution of another city."""
    test_org = Org(ORG_C, "Hospital C", OTHER, "", test=True)
    orgs = [Org(ORG_A, "Hospital A", CITY, COUNTY), Org(ORG_B, "Hospital B", CITY, CITY), test_org]
    everything(stack.clickhouse, orgs)
    stack.accounts.onboarding.start(TESTS, "Hospital B", CITY, ORG_B, ())
    stack.machine("head", Assignment("hospital", ORG_A, manages=True))
    stack.machine("county", Assignment("regulator", scope=COUNTY))
    stack.machine("keeper", Assignment("operator", scope=COUNTY, manages=True))
    stack.machine("tester", Assignment("tester"))
    person(stack, "b.head", Assignment("hospital", ORG_B, manages=True))
    letters = DeadLetters(stack.clickhouse, cast(Producer, None), "", asyncio.get_running_loop())
    ports = Ports(auditor=NothingMissing(), dead_letters=letters)
    async with running(stack.app(now=lambda: NOW, ports=ports)) as found:
        yield found


async def foreign_ids(api: Running, stack: Stack) -> dict[str, str]:
    """What stands in paths, all of it B's."""
    client_b, _ = stack.accounts.clients.add(TESTS, "HIS of B", Assignment("hospital", ORG_B))
    [case] = CaseReader(Narrowed(stack.clickhouse, {ORG_B})).page(1, 0)[1]
    return {
        "org": ORG_B, "receipt_id": await upload(api, stack, "b"), "client_id": client_b.id, "table": "TB_HZXX",
        "map": "department", "rule_id": "SF03", "ident": "0" * 32, "topic_id": "t1", "partition": "0", "offset": "901",
        "visit": visit_of(ORG_B), "case_id": case.id, "delivery_id": delivery_of(ORG_B), "id": quiet_of(ORG_B),
        "version": "1", "submission": submission_of(ORG_B), "onboarding": stack.accounts.onboarding.all()[0].org,
        "file_row": "2",
    }  # fmt: skip


def routes(api: Running) -> list[tuple[str, Declared]]:
    """Methods and routes of the API that somebody has to be known for."""
    return [
        (method, route)
        for route in declared(api.app)
        for method in sorted(route.methods - {"HEAD"})
        if not route.public and route.path.startswith("/api/") and route.path != "/api/v1/changes/{table}"
    ]


def address(route: Declared, ids: dict[str, str]) -> str:
    """The path with B's ids in it."""
    named = ids | {"name": channel_of(ORG_B) if "/channels/" in route.path else "b.head"}
    if "/onboarding/" in route.path:
        named["org"] = ids["onboarding"]
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: named[found[1]], route.path)


async def call(api: Running, stack: Stack, who: str, method: str, url: str, path: str) -> httpx.Response:
    body = body_of(path)
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    return await api.client.request(method, url, headers=stack.headers(who), **sent)  # type: ignore[arg-type]


def body_of(path: str) -> Any:
    """A body that is right for the route, so that it is not refused for its shape."""
    assignment = {"role": "hospital", "org": ORG_B}
    of_b = {"entries": [{"org": ORG_B}]}
    quiet = {"starts_at": "2026-11-01T00:00:00+08:00", "ends_at": "2026-11-02T00:00:00+08:00", "kind": "holiday"}
    return {
        "/api/v1/users": {"name": "new.one", **assignment}, "/api/v1/users/{name}": assignment,
        "/api/v1/clients": {"label": "mine", **assignment}, "/api/v1/clients/{client_id}": {"label": "theirs"},
        "/api/v1/clients/{client_id}/rotate": {}, "/api/v1/registrations/{ident}/approve": assignment,
        "/api/v1/registrations/{ident}/refuse": {}, "/api/v1/orgs": {"org": ORG_B, "name": "mine"},
        "/api/v1/codemaps/{org}/{map}": {"entries": [{"local_code": "1"}]},
        "/api/v1/codemaps/{org}/{map}/import": table("院内编码,标准编码", f"0231,{STANDARD_CODE}"),
        "/api/v1/cases/{case_id}/acknowledge": {}, "/api/v1/cases/{case_id}/note": {"note": "x"},
        "/api/v1/cases/{case_id}/snooze": {"until": "2026-11-22T08:00:00+08:00"},
        "/api/v1/cases/{case_id}/resolve": {"note": "x"},
        **{f"/api/v1/cases/{{case_id}}/{action}": LOOP for action in ("assign", "confirm", "appeal", "handled")},
        "/api/v1/cases/{case_id}/answer": {**LOOP, "accepted": True},
        "/api/v1/cases/{case_id}/review": {**LOOP, "passed": True},
        "/api/v1/onboarding": {"name": "x", "formal": ORG_B, "city": CITY}, "/api/v1/onboarding/{org}/apply": {},
        "/api/v1/onboarding/{org}/withdraw": {}, "/api/v1/onboarding/{org}/approve": {},
        "/api/v1/onboarding/{org}/refuse": {"note": "x"},
        "/api/v1/channels/{name}": {"kind": "webhook", "target": "http://127.0.0.1:9/mine", "orgs": [ORG_B]},
        "/api/v1/checks/run": {"org": ORG_B}, "/api/v1/grafana/alerts": {"status": "firing", "alerts": []},
        "/api/v1/schedule": of_b, "/api/v1/schedule/import": table("机构代码,标准表,T+天数", f"{ORG_B},TB_HZXX,2"),
        "/api/v1/quiet-times": {"entries": [{"id": quiet_of(ORG_B), "org": ORG_A, **quiet}]},
        "/api/v1/quiet-times/import": table(
            "机构代码,标准表,类别,开始时间,结束时间", f"{ORG_B},*,节假日,2026-11-01 00:00,2026-11-02 00:00"
        ),
        "/api/v1/thresholds": {"entries": [{"org": ORG_B, "name": "anomaly_rate_warning", "value": 1}]},
        "/api/v1/thresholds/import": table("机构代码,标准表,阈值,值", f"{ORG_B},*,anomaly_rate_warning,1"),
        "/api/v1/declarations": {
            "entries": [{"org": ORG_B, "month": "2026-11-01", "figures": {"outpatient_visits": 1}}],
        },
        "/api/v1/declarations/import": table("机构代码,月份,门诊人次", f"{ORG_B},2026-11,1"),
        "/api/v1/submissions": {"org": ORG_B, "month": "2026-10", "file": "x.csv", "size": 1},
        "/api/v1/submissions/openings": {"org": ORG_B, "month": "2026-10", "until": "2026-12-01T00:00:00+08:00"},
        "/api/v1/front-pages/contacts/{org}": {"name": "mine"},
        "/api/v1/orgs/import": table("机构代码,机构名称", f"{ORG_B},mine"),
    }.get(path)  # fmt: skip


def queries(method: str) -> tuple[str, ...]:
    if method == "GET":
        of_b = f"?month=2026-11&org={ORG_B}"
        submission = f"{of_b}&submission={submission_of(ORG_B)}&number=2&format=csv"
        return "", f"?org={ORG_B}", "?month=2026-11&test=true&limit=100&format=csv", of_b, submission
    whole = "?month=2026-11-01&name=anomaly_rate_warning&version=1"
    return whole, f"{whole}&org={ORG_B}"


def rows_of(clickhouse: ClickHouse, org: str) -> dict[str, Any]:
    """How many rows the institution has in each table, and what is in them."""
    found = {}
    for name, column in institution_columns(clickhouse).items():
        sql = f"SELECT count() AS n, sum(cityHash64(*)) AS content FROM `{name}` WHERE `{column}` = {{org:String}}"
        [row] = clickhouse.rows(sql, {"org": org})
        found[name] = (row["n"], row["content"])
    return found


@pytest.mark.parametrize("who", OTHERS)
async def test_who_changes_institutions_or_ids_in_a_call_gets_a_refusal_or_its_own(
    api: Running, stack: Stack, who: str
) -> None:
    """Every route of the API, every parameter that could name somebody else's."""
    ids = await foreign_ids(api, stack)
    before, walked = rows_of(stack.clickhouse, ORG_B), 0
    for method, route in routes(api):
        url = address(route, ids)
        for query in queries(method):
            answer = await call(api, stack, who, method, url + query, route.path)
            walked += 1
            said = f"{who} {method} {url}{query}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500, said
            assert answer.status_code >= 400 or (ORG_B not in answer.text and "Hospital B" not in answer.text), said
            assert f"of {ORG_B}" not in answer.text, said
            if url != route.path and not {"me", "standard.read"} & route.rights:  # the standard is everybody's
                assert answer.status_code in (403, 404), said
    assert walked > 200
    assert rows_of(stack.clickhouse, ORG_B) == before
    assert (await api.client.get("/api/v1/me", headers=stack.headers("b"))).status_code == 200  # nothing happened to B
    assert stack.accounts.users.find("b.head").active


async def test_the_walk_goes_where_there_is_something_to_see(api: Running, stack: Stack) -> None:
    """The same calls by an administrator show B."""
    ids = await foreign_ids(api, stack)
    shown, empty = set(), set()
    for method, route in routes(api):
        if method == "GET":
            for query in queries(method)[:0:-1]:
                text = (await call(api, stack, "admin", method, address(route, ids) + query, route.path)).text
                if ORG_B in text or "Hospital B" in text:
                    shown.add(route.path)
                    break
            else:
                empty.add(route.path)
    assert {path for path in empty if not path.startswith("/api/v1/standard")} == WITHOUT_B  # that is everybody's
    assert len(shown) > 30
    nothing = {name for name, (count, _) in rows_of(stack.clickhouse, ORG_B).items() if not count}
    assert {name for name in nothing if not name.startswith("tb_")} == WITHOUT_ROWS
    assert TABLE.lower() not in nothing, "of the standard's tables one is enough"


async def test_nobody_hears_of_another_institution_over_a_websocket(api: Running, stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url:
        for who in OTHERS:
            async with stream(url, stack, who, f"?org={ORG_B}") as socket:
                assert await closed(socket) == (4403, "other_org")
            async with stream(url, stack, who) as socket:
                cursor = (await hear(socket, "hello"))["cursor"]
                own = ORG_C if who == "tester" else ORG_A
                await publish(stack, alert(1, ORG_B), alert(2, ""), alert(3, own))
                assert (await hear(socket))["id"] == "alert-3"
            async with stream(url, stack, who, f"?cursor={cursor}") as socket:
                assert (await hear(socket))["id"] == "alert-3"
