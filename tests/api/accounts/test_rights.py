"""Every route says which right it needs, and each role has just the rights that are written down."""

from __future__ import annotations

from typing import get_args

import pytest
from fastapi import APIRouter, FastAPI

from api.accounts.declared import declared
from api.accounts.principal import Assignment, Principal
from api.accounts.rights import RIGHTS, ROLES, Role, rights_of
from api.depends import PUBLIC, right
from tests.api.conftest import ORG_A, Running, Stack

#: What anybody may call; a route that is added here needs a reason.
PUBLIC_ROUTES = {
    ("GET", "/docs"), ("GET", "/openapi.json"), ("", "/static"),  # the pages
    ("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/metrics"),  # for the machinery around us
    ("POST", "/api/v1/session"), ("POST", "/api/v1/registrations"),  # who is not known yet
    ("POST", "/api/v1/oauth/token"), ("POST", "/api/v1/oauth/revoke"),  # show who they are in their own way
}  # fmt: skip
#: What a route demands besides, when it is asked for more (``api.depends.demand``).
DEMANDED = {"records.personal"}


@pytest.mark.stack
def test_every_route_declares_one_right_or_is_public(stack: Stack) -> None:
    found = list(declared(stack.app()))
    assert len(found) > 35
    undeclared = [one.path for one in found if len(one.rights) + one.public != 1]
    assert undeclared == []
    declares = {name for one in found for name in one.rights}
    assert declares | DEMANDED == set(RIGHTS)  # and none is said for nothing
    assert not declares & DEMANDED
    public = {(method, one.path) for one in found if one.public for method in one.methods or {""}}
    assert {(m, p) for m, p in public if m != "HEAD"} == PUBLIC_ROUTES
    assert any(not one.methods and one.rights for one in found)  # the websocket is among them


def test_a_route_that_declares_nothing_is_noticed() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()

    @router.get("/forgotten")
    async def forgotten() -> None: ...

    @router.get("/public", dependencies=[PUBLIC])
    async def public() -> None: ...

    @router.websocket("/stream")
    async def stream() -> None: ...

    app.include_router(router)
    assert {one.path: len(one.rights) + one.public for one in declared(app)} == {
        "/forgotten": 0, "/public": 1, "/stream": 0,
    }  # fmt: skip


def test_a_right_that_there_is_not_is_a_bug_at_the_start() -> None:
    with pytest.raises(KeyError):
        right("alerts.reed")
    who = Principal(Assignment("admin"), "x", None)
    with pytest.raises(KeyError):
        who.may("alerts.reed")


def test_every_role_and_right_is_named_in_both_languages() -> None:
    assert set(ROLES) == set(get_args(Role))
    for zh, en in [*ROLES.values(), *((one.zh, one.en) for one in RIGHTS.values())]:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
        assert en.isascii()


@pytest.mark.parametrize(
    ("role", "has", "lacks"),
    [
        (
            "admin",
            {"orgs.write", "audit_log.read", "users.manage", "ledger.repair", "thresholds.write", "channels.write"},
            {"changes.send"},
        ),
        (
            "regulator",
            {"findings.read", "orgs.read", "indicators.read", "cases.acknowledge", "schedule.read", "thresholds.read"},
            {
                "orgs.write",
                "ledger.audit",
                "audit_log.read",
                "changes.send",
                "cases.work",
                "schedule.write",
                "codemaps.write",
                "declarations.write",
                "channels.read",
                "checks.run",
            },
        ),
        (
            "operator",
            {
                "ledger.audit",
                "deadletters.read",
                "cases.work",
                "schedule.write",
                "checks.run",
                "watch.read",
                "channels.read",
                "outbox.read",
                "codemaps.write",
                "declarations.write",
            },
            {
                "ledger.repair",
                "deadletters.redrive",
                "orgs.write",
                "thresholds.write",
                "channels.write",
                "codemaps.set",
            },
        ),
        (
            "hospital",
            {
                "changes.send",
                "findings.read",
                "cases.acknowledge",
                "codemaps.write",
                "declarations.write",
                "indicators.read",
                "records.read",
            },
            {
                "orgs.read",
                "deadletters.read",
                "ledger.audit",
                "cases.work",
                "schedule.read",
                "thresholds.read",
                "channels.read",
                "checks.run",
                "records.personal",
            },
        ),
        (
            "tester",
            {"changes.send", "findings.read", "orgs.read", "codemaps.write", "indicators.read"},
            {"deadletters.read", "users.manage", "cases.acknowledge", "schedule.read"},
        ),
    ],
)
def test_a_role_has_its_rights_and_no_others(role: Role, has: set[str], lacks: set[str]) -> None:
    plain = set(rights_of(role, personal=False, manages=role == "admin"))
    assert has <= plain
    assert not lacks & plain
    assert "deadletters.show" not in plain


def test_personal_data_and_administration_are_given_by_name() -> None:
    staff = Principal(Assignment("hospital", ORG_A), "x", frozenset({ORG_A}))
    head = Principal(Assignment("hospital", ORG_A, manages=True), "x", frozenset({ORG_A}))
    assert not staff.may("users.manage")
    assert head.may("users.manage")
    region = Assignment("operator", scope="370100", manages=True)
    assert Principal(region, "x", frozenset({ORG_A})).may("channels.write")
    assert Principal(Assignment("hospital", ORG_A, personal=True), "x", frozenset({ORG_A})).may("records.personal")
    assert not Principal(Assignment("admin"), "x", None).may("deadletters.show")
    assert Principal(Assignment("admin", personal=True), "x", None).may("deadletters.show")
    assert not Principal(Assignment("hospital", ORG_A, personal=True), "x", None).may("deadletters.show")


@pytest.mark.stack
async def test_bytes_that_may_be_personal_need_the_right_to_personal_data(stack: Stack, api: Running) -> None:
    stack.machine("plain", Assignment("admin"))
    answer = await api.client.get("/api/v1/deadletters/t1/0/1", headers=stack.headers("plain"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "no_personal")
    answer = await api.client.get("/api/v1/deadletters/t1/0/1", headers=stack.headers("a"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.stack
async def test_the_description_of_the_api_says_the_right_of_each_operation(api: Running) -> None:
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    assert paths["/api/v1/findings"]["get"]["x-right"] == ["findings.read"]
    assert "security" not in paths["/health/live"]["get"]
    assert "findings.read" in (await api.client.get("/docs")).text
