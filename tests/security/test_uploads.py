"""Whatever is sent in: a clear refusal, little memory, and the server goes on serving."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.connection import HEAD_BYTES
from tests.api.conftest import NDJSON, Serve, Stack
from tests.security import bombs
from tests.security.raw import PATIENCE, said, status

pytestmark = [pytest.mark.stack, pytest.mark.slow]

CHANGES, IMPORT = "/api/v1/changes/TB_HZXX", "/api/v1/orgs/import"
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
HEAD = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#: A refusal, and what is read of a file before it, fit into this; the smallest bomb would be twice as much.
ROOM = 128 << 20


@pytest.fixture
async def url(stack: Stack, serve: Serve) -> AsyncIterator[str]:
    """A real server. Whatever a test does to it, it answers at the end and has written nothing."""
    stack.settings = stack.settings.model_copy(update={"max_message_bytes": 4 << 20})
    async with serve(stack.app()) as address:
        yield address
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            assert (await client.get(f"{address}/health/live")).status_code == 200
    assert stack.clickhouse.rows("SELECT count() AS n FROM orgs") == [{"n": 0}]


def _evil_in_etc() -> bool:
    return Path("/etc/evil.txt").exists()


class Memory:
    """``with Memory() as used``: how much more memory the process held than before, at its highest."""

    def __enter__(self) -> Memory:
        Path("/proc/self/clear_refs").write_text("5")  # the highest mark is what is held now
        self._before = _highest()
        return self

    def __exit__(self, *_: object) -> None:
        self.more = _highest() - self._before


def _highest() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


async def sent(url: str, stack: Stack, path: str, content: bytes, who: str = "admin", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return await client.post(f"{url}{path}", content=content, headers=stack.headers(who, **headers))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code (or the reason why a file is no table); the texts are there in both languages."""
    error = answer.json()["error"]
    assert error["message_zh"]
    assert error["message_en"]
    assert error["hint"]
    return answer.status_code, error.get("reason", error["code"])


async def test_a_small_workbook_that_is_big_when_it_is_read_is_refused_at_little_cost(url: str, stack: Stack) -> None:
    for name, content in bombs.bombs().items():
        assert len(content) < 1 << 20, name
        with Memory() as used:
            answer = await sent(url, stack, IMPORT, content)
        assert refusal(answer) == (422, "too_big"), name
        assert used.more < ROOM, name


async def test_a_workbook_reads_no_file_of_ours_and_writes_none(url: str, stack: Stack, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("very secret")
    before = sorted(str(one) for one in tmp_path.parent.rglob("*evil*"))
    answer = await sent(url, stack, IMPORT, bombs.foreign_texts(secret))
    assert answer.status_code == 422
    assert "very secret" not in answer.text
    name = {"Content_Disposition": 'attachment; filename="../../../evil.txt"'}
    answer = await sent(url, stack, f"{IMPORT}?dry_run=true", bombs.with_macros_and_paths(), **name)
    assert answer.json()["added"] == 1  # the table in it is taken; nothing else of it is looked at
    assert sorted(str(one) for one in tmp_path.parent.rglob("*evil*")) == before
    assert not _evil_in_etc()


async def test_what_is_no_table_is_refused_in_words(url: str, stack: Stack) -> None:
    for content in (
        b"\x89PNG\r\n\x1a\n" + bytes(100), b"%PDF-1.7\n\xff\xfe\xfd", b"MZ\x90\0\x03\0\0\0", b"\x7fELF" + bytes(60),
        b"PK\x03\x04" + bytes(40), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<script>alert(1)</script>", b"", b"{}",
    ):  # fmt: skip
        status_code, reason = refusal(await sent(url, stack, IMPORT, content, Content_Type="text/csv"))
        assert status_code == 422
        assert reason in ("not_text", "broken_xlsx", "old_office", "no_header", "no_lines", "column_missing")


async def test_packed_bodies_are_unpacked_up_to_the_limit_and_once(url: str, stack: Stack) -> None:
    once, twice = bombs.gzip_bomb(512), bombs.gzip_bomb(128, times=2)
    for content, expected in (
        (once, (413, "too_large")), (twice, (400, "bad_encoding")), (gzip.compress(b"{}")[:-5], (400, "bad_gzip")),
        (b"no gzip", (400, "bad_gzip")), (gzip.compress(b"{}") * 2 + b"\0", (400, "bad_gzip")),
    ):  # fmt: skip
        with Memory() as used:
            answer = await sent(
                url, stack, CHANGES, content, "a", Content_Encoding="gzip", X_Sanjian_Batch="b1", **_ndjson()
            )
        assert refusal(answer) == expected
        assert used.more < ROOM
    assert stack.clickhouse.rows("SELECT count() AS n FROM uploads") == [{"n": 0}]


def _ndjson() -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in NDJSON.items()}


async def test_a_head_that_is_too_long_is_refused_before_all_of_it_is_held(url: str) -> None:
    for name, head in {
        "address": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "header": GET + b"X-Long: " + b"a" * 1_000_000 + b"\r\n\r\n",
        "cookie": GET + b"Cookie: sanjian=" + b"a" * 40_000 + b"\r\n\r\n",
        "many headers": GET + b"a: b\r\n" * 10_000 + b"\r\n",
        "websocket": GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\nX: " + b"a" * 40_000,
        "trailers": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 10_000,
        "chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 1_000_000,
    }.items():
        with Memory() as used:
            answer = await said(url, *(head[start : start + 20_000] for start in range(0, len(head), 20_000)))
        assert status(answer) in (431, 0), name  # none when the connection was closed while we were still talking
        assert b"head_too_large" in answer or not answer, name
        assert used.more < ROOM, name


async def test_a_head_of_usual_length_is_taken_and_a_longer_one_is_told_so(url: str) -> None:
    for length, expected in ((HEAD_BYTES - 500, 200), (HEAD_BYTES + 1, 431)):
        assert status(await said(url, GET + b"X-Long: " + b"a" * length + b"\r\n\r\n")) == expected


async def test_a_length_that_is_a_lie_is_found_out(url: str) -> None:
    for rest, expected in (
        (b"Content-Length: 1000000000\r\n\r\n{}", {413}),
        (b"Content-Length: -5\r\n\r\n{}", {400}),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}", {400}),
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
        (b"Content-Length: 2\r\n\r\n{}GET / HTTP/9.9\r\n\r\n", {422, 400}),
        (b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", {400}),
        (b"Content-Length: 50\r\n\r\n{}", {0, 400, 422}),  # and then it goes away
    ):
        assert status(await said(url, HEAD + rest, end=True)) in expected, rest


async def test_a_body_that_never_ends_is_given_up_and_a_head_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.middleware.BODY_SECONDS", 0.2)
    monkeypatch.setattr("api.connection.HEAD_SECONDS", 0.2)
    answer = await said(url, HEAD + b"Content-Length: 50\r\n\r\n{")
    assert status(answer) == 408
    assert b"slow_body" in answer
    for begun in (b"", b"GET /health/live HTTP/1.1\r\nHost:"):
        assert await said(url, begun) == b""  # closed


async def test_files_beside_the_pages_own_are_not_served(url: str) -> None:
    for path in (
        "/static/../../pyproject.toml", "/static/%2e%2e/%2e%2e/pyproject.toml", "/static/..%2f..%2fpyproject.toml",
        "/static//etc/passwd", "/static/%00", "/static/..\\..\\pyproject.toml",
    ):  # fmt: skip
        answer = await said(url, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert status(answer) == 404, path
        assert b"root:" not in answer
        assert b"[project]" not in answer
