"""Reading a body within its limit, compressed or not."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import pytest

from api import body
from api.body import read_body
from api.errors import ApiError


async def chunks(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(data: bytes, encoding: str = "", limit: int = 100_000, declared: str | None = None) -> bytes:
    return await read_body(chunks(data), declared=declared, encoding=encoding, limit=limit)


async def test_a_plain_and_a_gzip_body_come_out_the_same() -> None:
    data = b"x" * 50_000
    assert await read(data) == data
    assert await read(gzip.compress(data), "gzip") == data


async def test_gzip_of_several_members_is_one_body() -> None:
    assert await read(gzip.compress(b"a" * 5000) + gzip.compress(b"b" * 5000), "gzip") == b"a" * 5000 + b"b" * 5000


async def test_a_gzip_bomb_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    held = [bytearray()]
    monkeypatch.setattr(body, "bytearray", lambda: held[0], raising=False)
    with pytest.raises(ApiError, match="too_large"):
        await read(bomb, "gzip")
    assert len(held[0]) <= 100_000 + body.STEP


async def test_more_than_the_limit_is_refused_by_declaration_and_by_count() -> None:
    with pytest.raises(ApiError, match="too_large"):
        await read(b"", declared="100001")
    with pytest.raises(ApiError, match="too_large"):
        await read(b"x" * 100_001, declared="5")


@pytest.mark.parametrize(
    "data",
    [b"", b"not gzip", gzip.compress(b"x" * 500)[:-4], gzip.compress(b"x") + b"rest"],
    ids=["nothing", "another format", "cut off", "something behind it"],
)
async def test_broken_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(ApiError, match="bad_gzip"):
        await read(data, "gzip")


async def test_another_encoding_is_refused() -> None:
    with pytest.raises(ApiError, match="content_encoding"):
        await read(b"x", "br")


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    monkeypatch.setattr(body, "BODY_SECONDS", 0.01)
    with pytest.raises(ApiError, match="slow_body"):
        await read_body(never(), declared=None, encoding="", limit=10)
