"""Passwords, secrets, tokens and what is personal leave no trace in logs, metrics, the audit log and refusals."""

from __future__ import annotations

import io
from typing import Any

import httpx
import orjson
import pytest
import structlog

from api.accounts.principal import Assignment
from clickhouse.client import ClickHouse
from sanjian.logs import trace
from tests.api.accounts.people import person
from tests.api.accounts.test_secrets import logged
from tests.api.conftest import NDJSON, ORG_A, Serve, Stack, until
from tests.security.raw import PATIENCE, said

pytestmark = pytest.mark.stack
__all__ = ["logged"]  # the fixture: everything that is logged

#: Somebody invented.
PERSONAL = ("370102199001011234", "13812345678", "欧阳测试", "历下区虚构路9号")
ROW = dict(zip(("ZJHM", "DHHM", "XM", "DZ"), PERSONAL, strict=True))
CHANGES = "/api/v1/changes/TB_HZXX"
PASSWORD, WRONG = "a short sentence", "wrong but close to it"


async def calls(client: httpx.AsyncClient, stack: Stack) -> list[httpx.Response]:
    """What goes wrong on a day, with personal values and secrets wherever somebody might put them."""
    number, phone, name, _ = PERSONAL
    a, admin = stack.headers("a"), stack.headers("admin")
    secret = stack.secrets["a"]
    form = {"grant_type": "client_credentials", "client_id": secret.client_id, "client_secret": secret.secret}
    rows = orjson.dumps(ROW)
    sent = a | NDJSON
    return [
        await client.post("/api/v1/session", json={"name": "boss", "password": WRONG}),
        await client.post("/api/v1/session", json={"name": PASSWORD, "password": PASSWORD}),
        await client.post("/api/v1/session", content=f'{{"name": "{WRONG}", "password": "{PASSWORD}'.encode()),
        await client.post("/api/v1/session", json={"name": name, "password": [number, phone]}),
        await client.post("/api/v1/oauth/token", data=form | {"client_secret": f"{secret.secret}x"}),
        await client.post("/api/v1/oauth/token", data=form | {"client_id": secret.secret}),
        await client.post("/api/v1/oauth/token", params=form),
        await client.get("/api/v1/me", params={"token": stack.tokens["a"]}),
        await client.get("/api/v1/me", headers={"Authorization": f"Bearer {stack.tokens['a']}x"}),
        await client.get("/api/v1/me", headers={"Authorization": f"Basic {stack.tokens['a']}"}),
        await client.get("/api/v1/me", headers={"Cookie": f"sanjian={stack.tokens['a']}"}),
        await client.post(CHANGES, content=rows[:-1], headers=sent | {"X-Sanjian-Batch": "b1"}),
        await client.post(CHANGES, content=rows + b"\n[" + rows, headers=sent | {"X-Sanjian-Batch": "b2"}),
        await client.post(CHANGES, content=rows, headers=sent | {"X-Sanjian-Batch": f"{number} {phone}"}),
        await client.post(f"/api/v1/changes/{number}", content=rows, headers=sent | {"X-Sanjian-Batch": "b3"}),
        await client.get(f"/api/v1/records/{ORG_A}/{number}", headers=a),
        await client.get(f"/api/v1/records/{ORG_A}/{phone}?personal=true", headers=admin),
        await client.get(f"/api/v1/nothing/{number}", params={"phone": phone}, headers=a),
        await client.get("/api/v1/findings", params={"row_key": number, "severity": phone}, headers=a),
        await client.get("/api/v1/findings", params={"table": number}, headers=a),
        await client.post("/api/v1/orgs", json={"org": number, "name": [name], "phone": {"x": phone}}, headers=admin),
        await client.put("/api/v1/channels/x", json={"kind": "webhook", "target": f"ftp://{phone}"}, headers=admin),
    ]  # fmt: skip


async def exports(client: httpx.AsyncClient, stack: Stack) -> list[int]:
    """Files, asked for by what is personal."""
    number, _, name, _ = PERSONAL
    admin = stack.headers("admin")
    asked = [
        ("/api/v1/findings/export", {"row_key": number}), ("/api/v1/rejected/export", {"row_key": number}),
        ("/api/v1/standard/rules", {"q": name, "format": "csv"}),
    ]  # fmt: skip
    return [(await client.get(path, params=query, headers=admin)).status_code for path, query in asked]


async def test_a_bad_day_leaves_no_secret_and_nobody_s_data_anywhere(
    stack: Stack, serve: Serve, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(stack, "boss", Assignment("admin"), PASSWORD)
    secrets = {PASSWORD, WRONG, *PERSONAL, *stack.tokens.values(), *(one.secret for one in stack.secrets.values())}
    async with serve(stack.app()) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        answers = await calls(client, stack)
        assert {answer.status_code for answer in answers} >= {400, 401, 404, 422}
        assert [answer for answer in answers if answer.is_success] == []
        assert await exports(client, stack) == [200, 200, 200]
        await said(url, f"GET /{PERSONAL[0]} NO HTTP {stack.tokens['a']}\r\n\r\n".encode())
        broken(monkeypatch)
        answers.append(await client.get("/api/v1/findings", headers=stack.headers("a")))
        assert answers[-1].status_code == 500
        monkeypatch.undo()
        metrics = (await client.get("/metrics")).text
        await until(lambda: stack.clickhouse.rows("SELECT count() AS n FROM audit_log")[0]["n"] > 5)
        alerts = (await client.get("/api/v1/alerts", headers=stack.headers("admin"))).text
    places = {
        "log": logged.getvalue(), "metrics": metrics, "alerts": alerts,
        "audit": str(stack.clickhouse.rows("SELECT * FROM audit_log")),
        **{f"{one.request.method} {one.request.url.path[:20]}": one.text + str(one.headers) for one in answers},
    }  # fmt: skip
    assert "bug_while_answering" in places["log"]
    assert "sanjian_api_requests_total" in metrics
    assert "findings.export" in places["audit"]
    assert "login.failed" in places["audit"]
    assert [(where, one) for where, text in places.items() for one in secrets if one in text] == []


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine complains of a row, as it does: with the row."""

    def query(*_: Any) -> None:
        try:
            raise KeyError(PERSONAL[1])
        except KeyError as error:
            raise RuntimeError(f"Cannot parse {PERSONAL}") from error

    monkeypatch.setattr(ClickHouse, "query", query)


@pytest.mark.parametrize("how", ["ours", "a library's"])
def test_an_exception_is_logged_with_its_place_and_without_its_text(logged: io.StringIO, how: str) -> None:
    import logging

    try:
        try:
            raise KeyError(PERSONAL[0])
        except KeyError as error:
            raise ValueError(PERSONAL[1]) from error
    except ValueError:
        if how == "ours":
            structlog.get_logger("api").exception("a_bug")
        else:
            logging.getLogger("asyncio").exception("a bug")
    text = logged.getvalue()
    assert "ValueError" in text
    assert "KeyError" in text
    assert "test_secrets.py" in text
    assert [one for one in PERSONAL if one in text] == []


def test_a_trace_names_the_cause_too() -> None:
    try:
        try:
            raise KeyError("x")
        except KeyError as error:
            raise ValueError("y") from error
    except ValueError as error:
        told = trace(error)
    assert [one for one in told if ":" not in one] == ["ValueError", "because of", "KeyError"]
