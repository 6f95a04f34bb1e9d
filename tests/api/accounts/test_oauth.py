"""Machines get tokens as RFC 6749 says, and give them back as RFC 7009 says."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

import httpx
import pytest

from api.accounts.lockout import FREE
from tests.api.accounts.conftest import HOSPITAL
from tests.api.conftest import NDJSON, TESTS, Running, Stack

pytestmark = pytest.mark.stack
TOKEN, REVOKE = "/api/v1/oauth/token", "/api/v1/oauth/revoke"
GRANT = {"grant_type": "client_credentials"}


def form(stack: Stack, who: str = "a") -> dict[str, str]:
    return {"client_id": stack.secrets[who].client_id, "client_secret": stack.secrets[who].secret}


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


async def test_id_and_secret_in_the_form_give_a_token_that_works(api: Running, stack: Stack) -> None:
    answer = await api.client.post(TOKEN, data=GRANT | form(stack))
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    said = answer.json()
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 3600)
    me = await api.client.get("/api/v1/me", headers={"Authorization": f"Bearer {said['access_token']}"})
    assert (me.json()["kind"], me.json()["role"], me.json()["csrf_token"]) == ("client", "hospital", "")


async def test_id_and_secret_in_a_basic_header_give_a_token_too(api: Running, stack: Stack) -> None:
    found = stack.secrets["a"]
    answer = await api.client.post(TOKEN, data=GRANT, headers=basic(found.client_id, found.secret))
    assert answer.json()["access_token"].startswith("sj_")


@pytest.mark.parametrize("how", ["form", "basic"])
async def test_a_wrong_secret_is_an_invalid_client(api: Running, stack: Stack, how: str) -> None:
    wrong = {"client_id": stack.secrets["a"].client_id, "client_secret": "sjs_wrong"}
    if how == "form":
        answer = await api.client.post(TOKEN, data=GRANT | wrong)
    else:
        answer = await api.client.post(TOKEN, data=GRANT, headers=basic(*wrong.values()))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("content", "headers", "code"),
    [
        ("grant_type=password&username=x&password=y", {}, "unsupported_grant_type"),
        ("", {}, "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", {}, "invalid_request"),
        ("nonsense", {}, "invalid_request"),
        ("a=%ff%fe&b", {}, "invalid_request"),
        ("&".join(f"a{n}=1" for n in range(30)), {}, "invalid_request"),
        ("grant_type=client_credentials&x=" + "x" * 9000, {}, "invalid_request"),
        ('{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}, "invalid_request"),
        ("grant_type=client_credentials&client_secret=x", basic("a", "b"), "invalid_request"),
        ("grant_type=client_credentials&client_id=x", basic("a", "b"), "invalid_request"),
        ("grant_type=client_credentials", {"Authorization": "Bearer x"}, "invalid_client"),
        ("grant_type=client_credentials", {"Authorization": "Basic !!!"}, "invalid_client"),
        ("grant_type=client_credentials", {"Authorization": "Basic YWJj"}, "invalid_client"),
        ("grant_type=client_credentials", {}, "invalid_client"),
    ],
)  # fmt: skip
async def test_what_is_not_as_the_rfc_says_is_refused_as_it_says(
    api: Running, content: str, headers: dict[str, str], code: str
) -> None:
    sent = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    answer = await api.client.post(TOKEN, content=content, headers=sent)
    assert (answer.status_code, answer.json()["error"]) == (401 if code == "invalid_client" else 400, code)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_secret_in_the_url_is_refused(api: Running, stack: Stack) -> None:
    secret = stack.secrets["a"].secret
    answer = await api.client.post(f"{TOKEN}?client_secret={secret}", data=GRANT | form(stack))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    elsewhere = await api.client.get(f"/api/v1/status?access_token={stack.tokens['a']}", headers=stack.headers())
    assert elsewhere.json()["error"]["code"] == "token_in_url"


async def test_a_token_given_back_works_no_more(api: Running, stack: Stack) -> None:
    token = stack.tokens["a"]
    foreign = await api.client.post(REVOKE, data=form(stack, "b") | {"token": token})
    assert foreign.status_code == 200
    assert (await api.client.get("/api/v1/me", headers=stack.headers())).status_code == 200  # not b's to end
    wrong = await api.client.post(REVOKE, data=form(stack) | {"token": token, "client_secret": "x"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    missing = await api.client.post(REVOKE, data=form(stack))
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
    for _ in range(2):  # again is no error
        assert (await api.client.post(REVOKE, data=form(stack) | {"token": token})).status_code == 200
    answer = await api.client.get("/api/v1/me", headers=stack.headers())
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_token")


async def test_a_token_works_from_the_addresses_that_are_allowed_only(stack: Stack, api: Running) -> None:
    client, secret = stack.accounts.clients.add(TESTS, "from there", HOSPITAL, "10.1.2.0/24")
    asked = GRANT | {"client_id": client.id, "client_secret": secret}

    def at(address: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(api.app, client=(address, 1)), base_url="http://sanjian")

    async with at("10.1.2.3") as near, at("10.9.9.9") as far:
        token = (await near.post(TOKEN, data=asked)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        for tricks in ({}, {"X-Forwarded-For": "10.1.2.3"}, {"Forwarded": "for=10.1.2.3"}, {"X-Real-IP": "10.1.2.3"}):
            refused = await far.post(TOKEN, data=asked, headers=tricks)
            assert (refused.status_code, refused.json()["error"]) == (403, "unauthorized_client")
            stolen = await far.get("/api/v1/me", headers=headers | tricks)
            assert (stolen.status_code, stolen.json()["error"]["code"]) == (403, "address")
        assert (await near.get("/api/v1/me", headers=headers)).status_code == 200


async def test_an_address_that_sends_wrong_secrets_has_to_wait(api: Running, stack: Stack) -> None:
    wrong = GRANT | {"client_id": "sjc_nobody", "client_secret": "x"}
    codes = [(await api.client.post(TOKEN, data=wrong)).status_code for _ in range(FREE["address"] + 1)]
    assert codes == [401] * FREE["address"] + [429]
    assert (await api.client.post(TOKEN, data=GRANT | form(stack))).status_code == 200


async def test_a_machine_needs_no_csrf_token_and_has_no_password(api: Running, stack: Stack) -> None:
    sent = await api.client.post(
        "/api/v1/changes/TB_HZXX", content=b"{}", headers=stack.headers() | NDJSON | {"X-Sanjian-Batch": "b1"}
    )
    assert sent.status_code == 202
    body = {"old": "x", "new": "a short sentence"}
    answer = await api.client.post("/api/v1/me/password", json=body, headers=stack.headers())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    for url in ("/api/v1/me/sessions", "/api/v1/session"):
        assert (await api.client.delete(url, headers=stack.headers())).status_code == 403
