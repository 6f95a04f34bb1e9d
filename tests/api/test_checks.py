"""POST /api/v1/checks/run: the rules of scope store on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from api.accounts.principal import Assignment
from api.routes import checks as route
from clickhouse.migrate import migrate
from clickhouse.orgs import Org, OrgStore
from streams.store_checks.results import Cell
from streams.store_checks.run import StoreChecks
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.streams.store_checks.hospital import Hospital

pytestmark = pytest.mark.stack
PATH = "/api/v1/checks/run"
#: Saturday, half past midnight in Shanghai: yesterday is the 20th.
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)
VISITS = "TB_MZ_JZMXB"


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    async with running(stack.app(now=lambda: NOW)) as found:
        yield found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was asked to be run; nothing is."""
    calls: list[tuple[Any, ...]] = []
    run_all = StoreChecks.run_all

    def noted(self: StoreChecks, *arguments: Any) -> Any:
        calls.append(arguments)
        return run_all(self, *arguments)

    monkeypatch.setattr(StoreChecks, "run_all", noted)
    return calls


async def test_an_operator_runs_the_rules_of_yesterday(
    stack: Stack, api: Running, asked: list[tuple[Any, ...]]
) -> None:
    answer = await api.client.post(PATH, json={}, headers=stack.headers("operator"))
    assert answer.status_code == 200, answer.text
    assert asked == [(DAY, DAY, NOW, None)]
    content = answer.json()
    assert (content["biz_from"], content["biz_to"]) == ("2026-11-20", "2026-11-20")
    [logged] = stack.clickhouse.rows("SELECT actor, detail FROM audit_log WHERE action = 'checks.run'")
    client = stack.clients["operator"]
    assert logged["actor"] == "operator:operator"
    assert orjson.loads(logged["detail"]) == {"from": "2026-11-20", "to": "2026-11-20", "client": client}


async def test_somebody_of_a_region_runs_them_for_its_institutions(
    stack: Stack, api: Running, asked: list[tuple[Any, ...]]
) -> None:
    OrgStore(stack.clickhouse).save([Org(ORG_A, "A", "370100"), Org(ORG_B, "B", "370200")])
    stack.machine("city", Assignment("operator", scope="370100"))
    for body, status in (({}, 200), ({"org": ORG_A}, 200), ({"org": ORG_B}, 403)):
        answer = await api.client.post(PATH, json=body, headers=stack.headers("city"))
        assert answer.status_code == status, answer.text
    assert [arguments[3] for arguments in asked] == [{ORG_A}, {ORG_A}]


async def test_the_rows_of_an_institution_are_checked(stack: Stack, api: Running) -> None:
    migrate(stack.clickhouse)  # the standard's tables too
    hospital = Hospital(stack.clickhouse, StoreChecks(stack.clickhouse, api.parts.standard), ORG_A)
    hospital.put(VISITS, JZMXID="1", BRZSY="P1")
    hospital.arrived(VISITS, NOW)
    wanted = {"from": "2026-11-01", "to": "2026-11-30", "org": ORG_A}
    answer = await api.client.post(PATH, json=wanted, headers=stack.headers("admin"))
    content = answer.json()
    assert content["cells"] == 1
    assert content["failed"] > 0
    assert [finding["row_key"] for finding in hospital.findings("JZ03")] == ["1"]
    assert hospital.checks.run([Cell(ORG_A, VISITS, DAY)], NOW).failed == content["failed"]


async def test_a_hospital_may_not(stack: Stack, api: Running, asked: list[tuple[Any, ...]]) -> None:
    answer = await api.client.post(PATH, json={}, headers=stack.headers("a"))
    assert (answer.status_code, asked) == (403, [])


@pytest.mark.parametrize(
    "body",
    [
        {"from": "2026-11-20", "to": "2026-11-19"}, {"from": "2026-01-01", "to": "2026-12-31"}, {"from": "yesterday"},
        {"x": 1},
    ],
)  # fmt: skip
async def test_days_that_make_no_sense_are_refused(
    stack: Stack, api: Running, asked: list[tuple[Any, ...]], body: dict[str, Any]
) -> None:
    answer = await api.client.post(PATH, json=body, headers=stack.headers("operator"))
    assert (answer.status_code, answer.json()["error"]["code"], asked) == (422, "invalid", [])


async def test_one_run_at_a_time(stack: Stack, api: Running, asked: list[tuple[Any, ...]]) -> None:
    async with route._RUNNING:
        answer = await api.client.post(PATH, json={}, headers=stack.headers("operator"))
    assert (answer.status_code, answer.json()["error"]["code"], asked) == (409, "checks_running", [])
