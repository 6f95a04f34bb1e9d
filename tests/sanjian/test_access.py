"""Our own commands get tokens by themselves, renew them in time, and say in one sentence when they are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from sanjian import access, datadir
from sanjian.access import TOKEN_PATH, Access, Credentials
from sanjian.errors import Misconfigured, NotNow

CLIENT = Credentials("sjc_1", "sjs_secret")


class Server:
    """Gives numbered tokens; ``valid`` are those that work."""

    def __init__(self) -> None:
        self.given = 0
        self.valid: set[str] = set()
        self.status = 200
        self.calls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            assert b"client_secret=sjs_secret" in request.content
            if self.status != 200:
                return httpx.Response(self.status, json={"error": "x", "error_description": "not this one"})
            self.given += 1
            self.valid.add(f"sj_{self.given}")
            return httpx.Response(200, json={"access_token": f"sj_{self.given}", "expires_in": 3600})
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.calls.append(token)
        return httpx.Response(200 if token in self.valid else 401)


@pytest.fixture
def server() -> Server:
    return Server()


def client(server: Server, clock: Callable[[], float] = lambda: 0.0) -> httpx.Client:
    return httpx.Client(
        base_url="http://server", auth=Access("http://server/", CLIENT, clock), transport=httpx.MockTransport(server)
    )


def test_one_token_serves_until_shortly_before_it_ends(server: Server) -> None:
    now = [100.0]
    with client(server, lambda: now[0]) as http:
        for _ in range(3):
            assert http.get("/x").status_code == 200
        now[0] += 3539
        http.get("/x")
        assert server.given == 1
        now[0] += 1
        http.get("/x")
    assert server.calls == ["sj_1"] * 4 + ["sj_2"]


def test_a_token_that_was_taken_back_is_replaced_once(server: Server) -> None:
    with client(server) as http:
        http.get("/x")
        server.valid.clear()
        assert http.get("/x").status_code == 200
    assert server.calls == ["sj_1", "sj_1", "sj_2"]


def test_a_refusal_with_a_fresh_token_stays_a_refusal(server: Server) -> None:
    server.valid = type("Nothing", (set,), {"__contains__": lambda *_: False})()
    with client(server) as http:
        assert http.get("/x").status_code == 401
    assert server.given == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refused_credentials_are_one_sentence_without_the_secret(server: Server, status: int) -> None:
    server.status = status
    with client(server) as http, pytest.raises(Misconfigured, match="not this one") as error:
        http.get("/x")
    assert "sjs_secret" not in str(error.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_cannot_now_is_not_now(server: Server, status: int) -> None:
    server.status = status
    with client(server) as http, pytest.raises(NotNow):
        http.get("/x")


async def test_a_websocket_gets_its_header_and_a_new_one_after_a_refusal(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = httpx.AsyncClient
    monkeypatch.setattr(httpx, "AsyncClient", lambda **options: made(transport=httpx.MockTransport(server), **options))
    who = Access("http://server", CLIENT)
    assert await who.headers() == await who.headers() == {"Authorization": "Bearer sj_1"}
    who.forget()
    assert await who.headers() == {"Authorization": "Bearer sj_2"}


async def test_a_server_that_is_away_is_not_now() -> None:
    with pytest.raises(NotNow):
        await Access("http://127.0.0.1:9", CLIENT).headers()


def test_a_file_counts_before_the_environment_and_that_before_a_running_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SANJIAN_URL", "SANJIAN_CLIENT_ID", "SANJIAN_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Misconfigured, match="SANJIAN_CLIENT_ID"):
        access.find(tmp_path)
    datadir.write(tmp_path, datadir.RUNTIME, {"url": "http://running", "client_id": "r", "client_secret": "s"})
    assert access.find(tmp_path) == ("http://running", Credentials("r", "s"))
    monkeypatch.setenv("SANJIAN_CLIENT_ID", "e")
    monkeypatch.setenv("SANJIAN_CLIENT_SECRET", "s")
    assert access.find(tmp_path) == ("http://running", Credentials("e", "s"))
    file = tmp_path / "file.json"
    file.write_bytes(orjson.dumps({"url": "http://file", "client_id": "f", "client_secret": "s"}))
    assert access.find(tmp_path, "", file) == ("http://file", Credentials("f", "s"))
    assert access.find(tmp_path, "http://given", file)[0] == "http://given"


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(content)
    for path in (file, tmp_path / "nowhere"):
        with pytest.raises(Misconfigured, match=path.name):
            access.read_file(path)
