"""Bytes on a connection, as no honest client sends them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

#: Longer than any pause of a busy machine; only what hangs comes to it.
PATIENCE = 60


async def said(url: str, *pieces: bytes, end: bool = False) -> bytes:
    """What the server says to these bytes until it closes the connection or has given one answer. ``end``: nothing more
    comes after them."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    answer = b""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionError):  # closed while we were still talking
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if end:
                writer.write_eof()
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                answer += piece
                if _whole(answer):
                    break
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return answer


def status(answer: bytes) -> int:
    """The status of an answer; 0 for none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def _whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(end) and len(body) >= int(line.partition(b":")[2])
    return False
