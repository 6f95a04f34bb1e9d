"""People log in: cookie, first password, foreign pages, planted sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect

from api.accounts.principal import Assignment
from api.accounts.region import EVERYWHERE
from tests.api.accounts.conftest import HOSPITAL, NAME, PASSWORD
from tests.api.accounts.people import ORIGIN, Browser, person
from tests.api.conftest import ORG_A, ORG_B, TESTS, Serve, Stack, running
from tests.api.test_alerts import closed, hear

pytestmark = pytest.mark.stack


@pytest.fixture
async def browser(stack: Stack) -> AsyncIterator[Browser]:
    """The browser of somebody of hospital A."""
    person(stack, NAME, HOSPITAL)
    async with running(stack.app()) as api, Browser(api.app) as made:
        yield made


async def test_a_login_gives_a_cookie_that_no_script_reads_and_no_other_site_sends(browser: Browser) -> None:
    answer = await browser.login(NAME)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.split("; "))
    assert "secure" not in cookie  # plain HTTP on this machine
    me = (await browser.call("GET", "/api/v1/me")).json()
    assert (me["name"], me["kind"], me["role"], me["org"]) == (NAME, "user", "hospital", ORG_A)
    assert me["csrf_token"] == browser.csrf
    assert "findings.read" in me["rights"]
    assert not {"users.manage", "orgs.write", "deadletters.show"} & set(me["rights"])


async def test_behind_tls_the_cookie_goes_over_nothing_else(stack: Stack) -> None:
    person(stack, NAME, HOSPITAL)
    stack.settings = stack.settings.model_copy(update={"public_url": "https://sanjian"})
    async with running(stack.app()) as api, Browser(api.app) as browser:
        answer = await browser.login(NAME, Origin="https://sanjian")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-sanjian=ss_")
        assert "Secure" in cookie
        assert (await browser.login(NAME, Origin="http://sanjian")).json()["error"]["code"] == "csrf"


async def test_a_wrong_password_is_refused_and_gives_no_cookie(browser: Browser) -> None:
    answer = await browser.login(NAME, "wrong password")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_login")
    assert "set-cookie" not in answer.headers
    assert (await browser.call("GET", "/api/v1/me")).json()["error"]["code"] == "no_token"


async def test_a_first_login_can_change_the_password_and_nothing_else(stack: Stack) -> None:
    password = stack.accounts.users.add(TESTS, "first", Assignment("admin"))
    async with running(stack.app()) as api, Browser(api.app) as browser:
        assert (await browser.login("first", password)).json()["must_change"] is True
        for url in ("/api/v1/status", "/api/v1/users", "/api/v1/audit-log", "/api/v1/findings"):
            refused = await browser.call("GET", url)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "change_password"), url
        before = browser.client.cookies["sanjian"]
        weak = await browser.call("POST", "/api/v1/me/password", {"old": password, "new": "admin12345"})
        assert weak.json()["error"]["reason"] == "common"
        changed = await browser.call("POST", "/api/v1/me/password", {"old": password, "new": "a new sentence"})
        assert (changed.status_code, changed.json()["must_change"]) == (200, False)
        browser.csrf = changed.json()["csrf_token"]
        assert browser.client.cookies["sanjian"] != before
        assert (await browser.call("GET", "/api/v1/users")).status_code == 200
        async with Browser(api.app) as old:
            old.client.cookies.set("sanjian", before)
            assert (await old.call("GET", "/api/v1/me")).json()["error"]["code"] == "no_session"
            assert (await old.login("first", password)).status_code == 401


async def test_who_logs_out_is_out(browser: Browser) -> None:
    await browser.login(NAME)
    cookie = browser.client.cookies["sanjian"]
    assert (await browser.call("DELETE", "/api/v1/session")).status_code == 204
    assert "sanjian" not in browser.client.cookies
    browser.client.cookies.set("sanjian", cookie)  # who kept it has nothing
    assert (await browser.call("GET", "/api/v1/me")).json()["error"]["code"] == "no_session"


async def test_all_of_ones_sessions_end_together(browser: Browser) -> None:
    await browser.login(NAME)
    first = browser.client.cookies["sanjian"]
    browser.client.cookies.clear()
    await browser.login(NAME)
    assert (await browser.call("DELETE", "/api/v1/me/sessions")).json() == {"sessions": 2}
    for cookie in (first, browser.client.cookies["sanjian"]):
        browser.client.cookies.set("sanjian", cookie, domain="sanjian.local")
        assert (await browser.call("GET", "/api/v1/me")).status_code == 401


async def test_a_session_that_somebody_planted_is_not_taken_over(browser: Browser) -> None:
    browser.client.cookies.set("sanjian", "ss_planted", domain="sanjian.local")
    answer = await browser.login(NAME)
    assert "ss_planted" not in answer.headers["set-cookie"]
    attacker = browser.client.cookies["sanjian"]
    browser.client.cookies.clear()
    browser.client.cookies.set("sanjian", attacker, domain="sanjian.local")
    await browser.login(NAME)  # the victim logs in over the attacker's session: it ends
    browser.client.cookies.clear()
    browser.client.cookies.set("sanjian", attacker, domain="sanjian.local")
    assert (await browser.call("GET", "/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "own", "Origin": "http://evil"}, {"X-CSRF-Token": "own", "Origin": "null"},
        {"X-CSRF-Token": "own", "Origin": "http://sanjian.evil"}, {"X-CSRF-Token": "own", "Origin": ""},
        {"X-CSRF-Token": "own", "Sec-Fetch-Site": "cross-site"}, {"X-CSRF-Token": "own", "Sec-Fetch-Site": "same-site"},
    ],
)  # fmt: skip
async def test_what_a_foreign_page_makes_a_browser_send_changes_nothing(
    browser: Browser, headers: dict[str, str]
) -> None:
    await browser.login(NAME)
    sent = {name: browser.csrf if value == "own" else value for name, value in headers.items()}
    answer = await browser.client.delete("/api/v1/session", headers=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    assert (await browser.call("GET", "/api/v1/me")).status_code == 200


async def test_a_csrf_token_of_another_session_is_worth_nothing(browser: Browser) -> None:
    await browser.login(NAME)
    other = browser.csrf
    await browser.login(NAME)
    browser.csrf, own = other, browser.csrf
    assert (await browser.call("DELETE", "/api/v1/session")).json()["error"]["code"] == "csrf"
    browser.csrf = own
    assert (await browser.call("DELETE", "/api/v1/session")).status_code == 204


async def test_nobody_is_logged_in_by_a_foreign_page(browser: Browser) -> None:
    assert (await browser.login(NAME, Origin="http://evil")).json()["error"]["code"] == "csrf"


async def test_a_wrong_token_does_not_fall_back_to_the_cookie(browser: Browser) -> None:
    await browser.login(NAME)
    for header in ("Bearer sj_wrong", "Basic x", "Bearer", ""):
        answer = await browser.client.get("/api/v1/me", headers={"Authorization": header})
        assert answer.status_code == 401, header


async def test_too_many_tries_are_told_when_to_come_back(browser: Browser) -> None:
    for _ in range(5):
        await browser.login(NAME, "wrong password")
    answer = await browser.login(NAME)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "locked")
    assert 0 < int(answer.headers["retry-after"]) <= 6


async def test_an_address_is_told_apart_behind_our_proxy_only(stack: Stack) -> None:
    stack.settings = stack.settings.model_copy(update={"trusted_proxies": "10.0.0.9"})
    async with running(stack.app()) as api, Browser(api.app, "10.0.0.9") as proxied, Browser(api.app, "1.2.3.4") as own:
        for number in range(21):
            await proxied.login(f"name{number}", "x", **{"X-Forwarded-For": "192.168.1.9"})
            await own.login(f"name{number}", "x", **{"X-Forwarded-For": f"192.168.2.{number}"})
        person(stack, NAME, HOSPITAL)
        assert (await proxied.login(NAME, **{"X-Forwarded-For": "192.168.1.9"})).status_code == 429
        assert (await proxied.login(NAME, **{"X-Forwarded-For": "192.168.1.10"})).status_code == 200
        assert (await own.login(NAME, **{"X-Forwarded-For": "192.168.3.1"})).status_code == 429


async def test_alerts_come_to_a_browser_of_our_own_page_only(stack: Stack, serve: Serve) -> None:
    person(stack, NAME, HOSPITAL)
    person(stack, "city", Assignment("operator", scope=EVERYWHERE))
    cookies = {name: stack.accounts.sessions.login(name, PASSWORD, "127.0.0.1").cookie for name in (NAME, "city")}
    async with serve(stack.app()) as url:
        address = f"{url.replace('http', 'ws')}/api/v1/alerts"

        def opened(who: str, origin: str | None, query: str = "") -> connect:
            headers = {"Cookie": f"sanjian={cookies[who]}", **({"Origin": origin} if origin else {})}
            return connect(address + query, additional_headers=headers)

        async with opened(NAME, url) as own, opened("city", url, f"?org={ORG_B}") as city:
            assert (await hear(own, "hello"))["org"] == ORG_A
            assert (await hear(city, "hello"))["org"] == ORG_B
        for origin in (None, "http://evil", "null", ORIGIN):
            async with opened(NAME, origin) as foreign:
                assert await closed(foreign) == (4403, "csrf")
        async with opened(NAME, url, f"?org={ORG_B}") as other:
            assert await closed(other) == (4403, "other_org")
