"""What has ended opens nothing: neither a call, nor a stream that is open, nor a page of the console that is open."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import update
from websockets.asyncio.client import connect

from api import accounts
from api.accounts.keys import hashed
from api.accounts.principal import Assignment
from api.accounts.tables import AccessToken
from api.console.desk import Desk, Refused
from tests.api.accounts.people import Browser, person
from tests.api.conftest import ORG_A, ORG_B, TESTS, Running, Serve, Stack, running
from tests.api.streaming import closed, hear, stream

pytestmark = pytest.mark.stack

NAME, OTHER = "li.na", "another sentence entirely"
#: Comparisons by == beside secrets that tell nobody anything: hashes of our own database with each other, and what one
#: person has just sent twice.
HARMLESS = {"kept.password != user.password", "old == new"}


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams are looked after all the time."""
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)


def take_back(stack: Stack) -> None:
    stack.accounts.clients.revoke(TESTS, stack.clients["a"])


def end_token(stack: Stack) -> None:
    stack.accounts.tokens.revoke(TESTS, stack.tokens["a"], stack.clients["a"])


def another_secret(stack: Stack) -> None:
    stack.accounts.clients.rotate(TESTS, stack.clients["a"], timedelta(0))


def time_passes(stack: Stack) -> None:
    with stack.accounts.database.writing() as session:
        session.execute(update(AccessToken).values(ends_at=stack.accounts.now()))


@pytest.mark.parametrize("happens", [take_back, end_token, another_secret, time_passes])
async def test_a_token_that_has_ended_opens_nothing(
    stack: Stack, serve: Serve, happens: Callable[[Stack], None]
) -> None:
    app = stack.app()
    async with serve(app) as url, stream(url, stack) as socket:
        await hear(socket, "heartbeat")
        happens(stack)
        assert await closed(socket) == (4401, "bad_token")
        async with stream(url, stack) as again:
            assert await closed(again) == (4401, "bad_token")


async def test_while_a_secret_is_replaced_both_give_tokens_and_then_only_the_new_one(stack: Stack) -> None:
    old = stack.secrets["a"]
    new = stack.accounts.clients.rotate(TESTS, old.client_id, timedelta(hours=1))
    async with running(stack.app()) as api:
        assert [await _asks(api, old.client_id, secret) for secret in (old.secret, new)] == [200, 200]
        stack.accounts.clients.rotate(TESTS, old.client_id, timedelta(0))
        assert [await _asks(api, old.client_id, secret) for secret in (old.secret, new)] == [401, 401]
        assert (await api.client.get("/api/v1/me", headers=stack.headers("a"))).status_code == 401


async def _asks(api: Running, client_id: str, secret: str) -> int:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return (await api.client.post("/api/v1/oauth/token", data=form)).status_code


async def test_a_token_that_was_changed_in_any_place_is_none(stack: Stack) -> None:
    token = stack.tokens["a"]
    other = {"": "x", **{one: "B" if one == "A" else "A" for one in token}}
    changed = [token[:place] + other[token[place]] + token[place + 1 :] for place in range(len(token))]
    tampered = [
        *changed, token[:-1], token + "A", token.upper(), token.swapcase(), hashed(token), f"{token}\0", f"{token},x",
        token.replace("sj_", "ss_"), stack.clients["a"], stack.secrets["a"].secret, "null", "%s", "' OR 1=1 --",
    ]  # fmt: skip
    async with running(stack.app()) as api:
        for one in tampered:
            answer = await api.client.get("/api/v1/me", headers={"Authorization": f"Bearer {one}".encode()})
            assert answer.status_code == 401, one
        assert (await api.client.get("/api/v1/me", headers=stack.headers("a"))).json()["org"] == ORG_A


async def test_who_is_not_known_is_told_so_and_nothing_about_the_body(stack: Stack) -> None:
    """The body is read before; that it is no JSON is told to those who are known, and where anybody may ask."""
    broken: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    async with running(stack.app()) as api:
        assert (await api.client.post("/api/v1/users", **broken)).json()["error"]["code"] == "no_token"
        assert (await api.client.post("/api/v1/session", **broken)).json()["error"]["code"] == "invalid"
        broken["headers"] = stack.headers("admin") | {"Content-Type": "application/json"}
        assert (await api.client.post("/api/v1/users", **broken)).json()["error"]["code"] == "invalid"


async def leaves(stack: Stack, browser: Browser) -> None:
    await browser.call("DELETE", "/api/v1/session")


async def chooses_another_password(stack: Stack, browser: Browser) -> None:
    body = {"old": "a short sentence", "new": OTHER}
    assert (await browser.call("POST", "/api/v1/me/password", body)).status_code == 200


async def gets_another_role(stack: Stack, browser: Browser) -> None:
    stack.accounts.users.change(TESTS, NAME, assignment=Assignment("hospital", ORG_B))


async def is_disabled(stack: Stack, browser: Browser) -> None:
    stack.accounts.users.change(TESTS, NAME, active=False)


async def is_sent_away(stack: Stack, browser: Browser) -> None:
    stack.accounts.users.end_sessions(TESTS, NAME)


@pytest.mark.parametrize(
    "happens", [leaves, chooses_another_password, gets_another_role, is_disabled, is_sent_away]
)  # fmt: skip
async def test_a_session_that_has_ended_opens_nothing(
    stack: Stack, serve: Serve, happens: Callable[[Stack, Browser], Awaitable[None]]
) -> None:
    """Whoever kept the cookie; the stream that it opened; and the page of the console that it opened."""
    person(stack, NAME, Assignment("hospital", ORG_A))
    app = stack.app()
    async with serve(app) as url, Browser(app) as browser, Browser(app) as thief:
        await browser.login(NAME)
        kept = browser.client.cookies["sanjian"]
        desk = await _desk(app, kept)
        async with _listening(url, kept) as socket:
            await hear(socket, "heartbeat")
            await happens(stack, browser)
            assert await closed(socket) == (4401, "no_session")
        thief.client.cookies.set("sanjian", kept)
        assert (await thief.call("GET", "/api/v1/me")).json()["error"]["code"] == "no_session"
        for act in (lambda: desk.get("/findings"), lambda: desk.post("/orgs", {})):
            with pytest.raises(Refused) as refused:
                await act()
            assert refused.value.status == 401
        await desk.close()


async def _desk(app: FastAPI, cookie: str) -> Desk:
    """What stands behind an open page."""
    headers = [(b"cookie", f"sanjian={cookie}".encode()), (b"host", b"sanjian")]
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "server": ("sanjian", 80), "path": "/", "query_string": b"",
        "headers": headers, "client": ("10.0.0.9", 50000),
    }  # fmt: skip
    return await Desk.open(app, Request(scope))


def _listening(url: str, cookie: str) -> connect:
    address = f"{url.replace('http', 'ws')}/api/v1/alerts"
    return connect(address, additional_headers={"Cookie": f"sanjian={cookie}", "Origin": url})


def test_no_secret_is_compared_in_a_way_that_tells_how_much_of_it_is_right() -> None:
    """Secrets are compared by ``keys.same`` or looked up by their hash: nowhere in the accounts by == or !=."""
    beside = []
    for path in Path(str(accounts.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                text = ast.unparse(node)
                names = {one.id if isinstance(one, ast.Name) else one.attr
                         for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute)}  # fmt: skip
                if names & {"secret", "token", "password", "cookie", "csrf", "old", "new", "given"}:
                    beside.append(text)
    assert {text for text in beside if "hashed(" not in text} == HARMLESS  # a look-up tells about a hash
    assert "compare_digest" in (Path(str(accounts.__file__)).parent / "keys.py").read_text()
