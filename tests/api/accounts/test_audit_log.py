"""The audit log: nothing is done unlogged, nothing is logged twice, and administrators can read and export it."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.principal import Assignment
from clickhouse.client import ClickHouse
from sanjian.errors import NotNow
from tests.api.accounts.clock import Clock
from tests.api.accounts.conftest import HOSPITAL, NAME, PASSWORD
from tests.api.accounts.people import Browser, person
from tests.api.conftest import ORG_A, TESTS, Running, Stack, running

pytestmark = pytest.mark.stack
LOG = "/api/v1/audit-log"


def kept(clickhouse: ClickHouse) -> list[dict[str, Any]]:
    return clickhouse.rows("SELECT actor, action, target, detail, address FROM audit_log ORDER BY at, id")


def test_entries_go_to_clickhouse_once_and_leave_the_accounts_database(
    accounts: Accounts, clickhouse: ClickHouse, clock: Clock
) -> None:
    for number in range(3):
        accounts.outbox.put(By("admin:x", "10.0.0.9", "sjc_1"), "org.save", f"org {number}", rows=number)
        clock.pass_(milliseconds=1)
    assert accounts.outbox.waiting() == 3
    assert accounts.outbox.send(clickhouse) == 3
    assert (accounts.outbox.waiting(), accounts.outbox.send(clickhouse)) == (0, 0)
    assert kept(clickhouse)[1] == {
        "actor": "admin:x", "action": "org.save", "target": "org 1", "detail": '{"rows":1,"client":"sjc_1"}',
        "address": "10.0.0.9",
    }  # fmt: skip
    assert len(kept(clickhouse)) == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_sending_neither_loses_nor_repeats_an_entry(
    accounts: Accounts, clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    accounts.outbox.put(TESTS, "one", "")
    insert = ClickHouse.insert_once

    def crash(*given: Any) -> None:
        if when == "after":
            insert(*given)
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(ClickHouse, "insert_once", crash)
        with pytest.raises(RuntimeError):
            accounts.outbox.send(clickhouse)
    assert accounts.outbox.waiting() == 1
    accounts.outbox.put(TESTS, "two", "")
    assert accounts.outbox.send(clickhouse) == 2
    assert sorted(row["action"] for row in kept(clickhouse)) == ["one", "two"]


def test_while_clickhouse_is_away_entries_wait(
    accounts: Accounts, clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise NotNow("away")

    with monkeypatch.context() as broken:
        broken.setattr(ClickHouse, "insert_once", away)
        accounts.outbox.put(TESTS, "one", "")
        with pytest.raises(NotNow):
            accounts.outbox.send(clickhouse)
    assert accounts.outbox.send(clickhouse) == 1


async def test_people_work_on_while_clickhouse_is_away_and_all_is_logged_afterwards(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(stack, NAME, HOSPITAL)
    stack.accounts.outbox.send(stack.clickhouse)

    def away(*_: Any, **__: Any) -> None:
        raise NotNow("away")

    async with running(stack.app()) as api, Browser(api.app) as browser:
        with monkeypatch.context() as broken:
            broken.setattr(ClickHouse, "insert_once", away)
            assert (await browser.login(NAME)).status_code == 200
            assert (await browser.login(NAME, "wrong password")).status_code == 401
            await api.parts.audit_log.send()
            assert stack.accounts.outbox.waiting() == 2
    assert stack.accounts.outbox.waiting() == 0  # sent at the latest when the server stops
    written = [(row["action"], row["target"], row["address"]) for row in kept(stack.clickhouse)]
    assert written[-2:] == [("login", NAME, "10.0.0.9"), ("login.failed", NAME, "10.0.0.9")]


async def test_while_the_accounts_database_is_away_nothing_is_done(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise NotNow("away")

    monkeypatch.setattr("api.accounts.outbox.Outbox.put", away)
    body = {"org": ORG_A, "name": "Hospital A"}
    assert (await api.client.post("/api/v1/orgs", json=body, headers=stack.headers("admin"))).status_code == 503
    assert (await api.client.get("/api/v1/orgs", headers=stack.headers("admin"))).json() == {"orgs": []}


async def test_what_the_command_line_did_is_sent_by_the_server(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.audit_log.SEND_SECONDS", 0.01)
    async with running(stack.app()):
        stack.accounts.users.add(By("shell:root"), NAME, HOSPITAL)
        async with asyncio.timeout(20):
            while stack.accounts.outbox.waiting():
                await asyncio.sleep(0.01)
    assert ("shell:root", "user.add") in {(row["actor"], row["action"]) for row in kept(stack.clickhouse)}


async def test_administrators_page_and_filter_it(api: Running, stack: Stack) -> None:
    for name in ("first", "second", "third"):
        stack.accounts.users.add(TESTS, name, Assignment("tester"))
    headers = stack.headers("admin")
    page = (await api.client.get(f"{LOG}?action=user&limit=2", headers=headers)).json()
    assert (page["total"], len(page["entries"])) == (3, 2)
    rest = (await api.client.get(f"{LOG}?action=user.add&limit=2&offset=2", headers=headers)).json()
    names = {one["target"] for one in page["entries"] + rest["entries"]}
    assert names == {"first", "second", "third"}
    assert page["entries"][0]["detail"] == {"role": "tester"}
    one = (await api.client.get(f"{LOG}?target=second&actor=system:tests", headers=headers)).json()
    assert [entry["target"] for entry in one["entries"]] == ["second"]
    assert (await api.client.get(f"{LOG}?to=2020-01-01T00:00:00", headers=headers)).json()["total"] == 0
    hostile = await api.client.get(LOG, params={"actor": "' OR 1=1 --"}, headers=headers)
    assert hostile.json()["total"] == 0
    for who in ("a", "operator"):
        assert (await api.client.get(LOG, headers=stack.headers(who))).status_code == 403


async def test_it_is_exported_as_a_file_that_no_spreadsheet_runs_and_that_is_logged(api: Running, stack: Stack) -> None:
    stack.accounts.outbox.put(By("admin:x", "10.0.0.9"), "client.add", "=HYPERLINK(1)", label='a,b\n"c"')
    answer = await api.client.get(f"{LOG}?format=csv", headers=stack.headers("admin"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="sanjian-')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    [row] = [row for row in rows if row["操作"] == "client.add"]
    assert row["对象"] == "'=HYPERLINK(1)"
    assert row["地址"] == "10.0.0.9"
    page = (await api.client.get(f"{LOG}?action=audit_log", headers=stack.headers("admin"))).json()
    assert [one["actor"] for one in page["entries"]] == ["admin:admin"]
    answer = await api.client.get(f"{LOG}?format=xlsx&lang=en&action=client", headers=stack.headers("admin"))
    lines = list(load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert lines[0][:4] == ("at", "actor", "action", "target")
    assert [line[1:4] for line in lines[1:]] == [("admin:x", "client.add", "=HYPERLINK(1)")]


async def test_everything_that_an_account_goes_through_is_in_it(stack: Stack) -> None:
    person(stack, "boss", Assignment("admin", personal=True))
    async with running(stack.app()) as api, Browser(api.app) as boss, Browser(api.app) as other:
        await boss.login("boss")
        user = {"name": NAME, "role": "hospital", "org": ORG_A}
        password = (await boss.call("POST", "/api/v1/users", user)).json()["password"]
        await other.login(NAME, "wrong password")
        await other.login(NAME, password)
        await other.call("POST", "/api/v1/me/password", {"old": password, "new": PASSWORD})
        await other.login(NAME)
        await other.call("DELETE", "/api/v1/session")
        await boss.call("PUT", f"/api/v1/users/{NAME}", {"role": "hospital", "org": ORG_A, "manages": True})
        await boss.call("POST", f"/api/v1/users/{NAME}/reset-password")
        await boss.call("POST", f"/api/v1/users/{NAME}/unlock")
        await boss.call("DELETE", f"/api/v1/users/{NAME}/sessions")
        await boss.call("PUT", f"/api/v1/users/{NAME}", {"role": "hospital", "org": ORG_A, "active": False})
        wish = {"name": "wang.fang", "full_name": "王芳", "password": PASSWORD, "role": "hospital", "org": ORG_A}
        for decision, body in (("approve", {"role": "hospital", "org": ORG_A}), ("refuse", {"reason": "no"})):
            asked = (await other.client.post("/api/v1/registrations", json=wish)).json()["id"]
            answer = await boss.call("POST", f"/api/v1/registrations/{asked}/{decision}", body)
            assert answer.is_success, answer.text
        client = {"label": "HIS", "role": "hospital", "org": ORG_A, "allow": "10.1.2.0/24"}
        made = (await boss.call("POST", "/api/v1/clients", client)).json()
        await boss.call("PUT", f"/api/v1/clients/{made['client_id']}", {"label": "HIS 2"})
        await boss.call("POST", f"/api/v1/clients/{made['client_id']}/rotate", {"overlap_hours": 1})
        await other.client.post("/api/v1/oauth/token", data={"grant_type": "client_credentials", **made})
        await boss.call("DELETE", f"/api/v1/clients/{made['client_id']}")
        entries = (await boss.call("GET", f"{LOG}?limit=1000")).json()["entries"]
    assert {one["action"] for one in entries} >= {
        "login", "login.failed", "logout", "password.change", "user.add", "user.change", "user.disable",
        "user.reset_password", "user.unlock", "user.end_sessions", "registration.ask", "registration.approved",
        "registration.refused", "client.add", "client.change", "client.rotate", "client.revoke", "token.issue",
    }  # fmt: skip
    assert {one["address"] for one in entries if one["action"] == "user.change"} == {"10.0.0.9"}
    assert {one["actor"] for one in entries if one["action"] == "user.change"} == {"admin:boss"}
