"""``sanjian checks run`` asks the server and shows what it did."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from api.examples import EXAMPLES
from sanjian.access import Access
from sanjian.checks import app


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """Method, address and body of every call; the answer is the one of the API's page."""
    calls: list[tuple[str, str, Any]] = []

    def request(method: str, url: str, *, auth: Access, timeout: float, json: Any) -> httpx.Response:
        calls.append((method, url, json))
        return httpx.Response(200, content=orjson.dumps(EXAMPLES["post", "/api/v1/checks/run"]))

    monkeypatch.setattr(httpx, "request", request)
    return calls


def run(*arguments: str) -> str:
    environment = {"SANJIAN_URL": "http://sanjian", "SANJIAN_CLIENT_ID": "sjc_1", "SANJIAN_CLIENT_SECRET": "sjs_1"}
    done = CliRunner().invoke(app, ["run", *arguments], env=environment)
    assert done.exit_code == 0, done.output
    return done.output


def test_days_and_institution_are_passed_on(asked: list[tuple[str, str, Any]]) -> None:
    run("--from", "2026-10-01", "--to", "2026-10-31", "--org", "A" * 22)
    body = {"from": "2026-10-01", "to": "2026-10-31", "org": "A" * 22}
    assert asked == [("POST", "http://sanjian/api/v1/checks/run", body)]


def test_without_days_the_server_chooses(
    asked: list[tuple[str, str, Any]],
) -> None:
    shown = run()
    assert asked[0][2] == {"org": ""}
    assert "2026-11-20" in shown
    assert "917" in shown
