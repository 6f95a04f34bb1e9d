"""Reading a request's body: a limit before and after decompression, whatever the client says about its length."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from api.errors import ApiError

#: 8 MB over a slow county line (1 Mbit/s) takes 64 s; longer only holds a place that others need.
BODY_SECONDS = 120.0
#: One step of decompression; small enough to leave the event loop between steps.
STEP = 256 * 1024


async def read_body(chunks: AsyncIterator[bytes], *, declared: str | None, encoding: str, limit: int) -> bytes:
    """The decompressed body, at most ``limit`` bytes.

    ``declared`` is Content-Length. Raises ApiError too_large, bad_gzip, content_encoding, slow_body.
    """
    if encoding not in ("", "identity", "gzip"):
        raise ApiError("content_encoding", headers={"Accept-Encoding": "gzip"})
    if declared and declared.isdigit() and int(declared) > limit:
        raise ApiError("too_large", limit=limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await (_gunzip(chunks, limit) if encoding == "gzip" else _plain(chunks, limit))
    except TimeoutError:
        raise ApiError("slow_body") from None


async def _plain(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise ApiError("too_large", limit=limit)
    return bytes(body)


async def _gunzip(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """Members one after the other, as gzip allows; never more than ``limit`` + one step in memory."""
    body, member, fresh = bytearray(), _member(), True
    async for chunk in chunks:
        data = chunk
        while data:
            if member.eof:
                member, fresh = _member(), True
            try:
                body += member.decompress(data, STEP)
            except zlib.error:
                raise ApiError("bad_gzip") from None
            fresh = False
            if len(body) > limit:
                raise ApiError("too_large", limit=limit)
            data = member.unconsumed_tail or member.unused_data
            await asyncio.sleep(0)
    if fresh or not member.eof:
        raise ApiError("bad_gzip")
    return bytes(body)


def _member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
