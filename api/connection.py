"""One HTTP connection as uvicorn serves it, with limits that neither it nor its parser has: anybody could fill the
memory with a header that never ends, or hold connections without asking for anything."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.errors import ApiError

#: Request line and headers. The longest of ours are filters in addresses with a cookie: 4 KB.
HEAD_BYTES = 32 * 1024
#: From the connection, or the end of a body, to the end of the next head. Over a slow line a head takes a second.
HEAD_SECONDS = 30.0


class _TooLong(Exception):
    """The head is longer than HEAD_BYTES."""


class Connection(HttpToolsProtocol):
    """The requests of one connection, one after the other."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head = 0  # bytes of request line, headers and trailers that were read
        self._since = 0  # bytes that came since something was whole: a head, a piece of a body
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there and has HEAD_SECONDS to say what it wants."""
        super().connection_made(transport)
        self._patience = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes; refuses what does not get anywhere with many."""
        self._since += len(data)
        super().data_received(data)
        if self._since > HEAD_BYTES and not self.transport.is_closing():
            self._head = self._since
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._since = 0
        self._be_patient()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body; how much of it is taken and how long is the application's matter."""
        self._since = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._since = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse in the one shape what is no HTTP or too long, and close."""
        error = ApiError("head_too_large" if self._head > HEAD_BYTES else "no_http")
        answer = error.response()
        line = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}".encode()
        lines = [line, *(b": ".join(one) for one in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > HEAD_BYTES:
            raise _TooLong  # the parser makes an error of it, for which uvicorn sends a refusal

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
