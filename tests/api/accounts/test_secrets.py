"""No password, secret, token or cookie gets into a log, or into an answer that is not meant for it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import structlog
from typer import Typer
from typer.testing import CliRunner

from api.accounts.accounts import Accounts
from api.accounts.principal import Assignment
from sanjian import logs
from sanjian.access import Credentials
from sanjian.people import clients, users
from sanjian.settings import Settings
from tests.api.accounts.conftest import NAME, PASSWORD
from tests.api.accounts.people import Browser, person
from tests.api.conftest import ORG_A, Stack, opened, running

OTHER = "another sentence entirely"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, by us and by the libraries, at the most talkative level."""
    stream = io.StringIO()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    logs.configure(Settings(log_format="json", log_level="debug"))
    structlog.configure(cache_logger_on_first_use=False)
    for handler in logging.getLogger().handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    yield stream
    for name in logs.CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


@pytest.mark.stack
async def test_a_whole_journey_leaves_no_secret_in_any_log(stack: Stack, logged: io.StringIO) -> None:
    person(stack, "boss", Assignment("admin"))
    secrets = {PASSWORD, OTHER, "wrong secret", "sjs_wrong", "sj_wrong", *stack.tokens.values()}
    async with running(stack.app()) as api, Browser(api.app) as boss, Browser(api.app) as other:
        await boss.login("boss", "wrong secret")
        await boss.login("wrong secret", "wrong secret")
        secrets.add((await boss.login("boss")).json()["csrf_token"])
        secrets.add(boss.client.cookies["sanjian"])
        user = {"name": NAME, "role": "hospital", "org": ORG_A}
        password = (await boss.call("POST", "/api/v1/users", user)).json()["password"]
        secrets.add(password)
        await other.login(NAME, password)
        secrets.add(other.client.cookies["sanjian"])
        await other.call("POST", "/api/v1/me/password", {"old": password, "new": OTHER})
        secrets.add(other.client.cookies["sanjian"])
        secrets.add((await boss.call("POST", f"/api/v1/users/{NAME}/reset-password")).json()["password"])
        made = (await boss.call("POST", "/api/v1/clients", {"label": "HIS", "role": "hospital", "org": ORG_A})).json()
        rotated = (await boss.call("POST", f"/api/v1/clients/{made['client_id']}/rotate", {})).json()
        secrets |= {made["client_secret"], rotated["client_secret"]}
        asked = {"grant_type": "client_credentials", **made}
        token = (await other.client.post("/api/v1/oauth/token", data=asked)).json()["access_token"]
        secrets.add(token)
        await other.client.post("/api/v1/oauth/token", data=asked | {"client_secret": "sjs_wrong"})
        await other.client.post("/api/v1/oauth/revoke", data=asked | {"token": token})
        await other.client.post(f"/api/v1/oauth/token?client_secret={made['client_secret']}")
        await other.client.get(f"/api/v1/me?token={token}")
        await other.client.get("/api/v1/me", headers={"Authorization": "Bearer sj_wrong"})
        await other.client.post("/api/v1/session", json={"name": NAME, "password": {"x": "wrong secret"}})
        await other.client.post("/api/v1/session", json={"name": NAME, "passwort": "wrong secret"})
        wish = {"name": "wang.fang", "full_name": "王芳", "password": OTHER, "role": "hospital", "org": ORG_A}
        await other.client.post("/api/v1/registrations", json=wish)
        log = (await boss.call("GET", "/api/v1/audit-log?limit=1000")).text
        lists = [(await boss.call("GET", f"/api/v1/{what}")).text for what in ("users", "clients", "registrations")]
    text = logged.getvalue()
    assert text.count('"event": "request"') > 15  # it did log
    for place in (text, log, *lists):
        found = [secret for secret in secrets if secret in place]
        assert found == []
    assert "argon2" not in text + log + "".join(lists)


@pytest.mark.stack
async def test_a_refusal_does_not_repeat_what_was_sent(stack: Stack) -> None:
    async with running(stack.app()) as api:
        for body in ({"name": NAME, "password": ["wrong secret"]}, {"name": "x" * 300, "password": "wrong secret"}):
            answer = await api.client.post("/api/v1/session", json=body)
            assert answer.status_code == 422
            assert "wrong secret" not in answer.text


def test_the_command_line_shows_a_secret_once_and_writes_it_for_its_owner_only(
    tmp_path: Path, empty_accounts: bytes
) -> None:
    opened(Settings(data_dir=tmp_path), empty_accounts).close()
    app, file = Typer(), tmp_path / "client.json"
    app.add_typer(users, name="user")
    app.add_typer(clients, name="client")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert "one-time password" in run("user", "add", NAME, "--role", "hospital", "--org", ORG_A)
    shown = run("client", "add", "--label", "HIS", "--org", ORG_A, "--out", str(file))
    found = Credentials.read(orjson.loads(file.read_bytes()))
    assert found is not None
    assert found.secret not in shown
    assert found.secret not in repr(found)
    assert file.stat().st_mode & 0o777 == 0o600
    assert found.client_id in run("client", "list")
    accounts = Accounts.open(Settings(data_dir=tmp_path))
    assert accounts.tokens.issue(found.client_id, found.secret, "127.0.0.1") is not None
    accounts.close()
