"""The websocket as alerts see it: bytes of ready frames go to the transport, without a task and without a copy.

Uvicorn's protocol, which the server uses for every websocket, with the little more that the hub needs. A route finds it
in its scope: ``socket.scope["extensions"][OUTLET]``. Frames are written between two messages of the protocol, never
within one, so the two ways of writing do not disturb each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

OUTLET = "sanjian.outlet"
#: Who does not read cannot be told goodbye either: the connection is given up after this.
GOODBYE_SECONDS = 2.0


class Outlet(WebSocketsSansIOProtocol):
    """One websocket connection. ``on_drained`` is called when it takes frames again."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.on_drained: Callable[[], None] | None = None
        self.paused_at: float | None = None  # time of the loop; None: it takes frames

    def handle_connect(self, event: Any) -> None:
        """The handshake; a route finds this object in its scope."""
        super().handle_connect(event)
        if hasattr(self, "scope"):  # not when the handshake was refused
            cast(dict[str, Any], self.scope["extensions"])[OUTLET] = self

    @property
    def open(self) -> bool:
        """Whether frames may be written: after the handshake, before the goodbye."""
        return self.handshake_complete and not self.close_sent and not self.transport.is_closing()

    @property
    def unsent(self) -> int:
        """Bytes that wait in this process for the client to read."""
        return self.transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Write whole frames; those of a closed connection go nowhere."""
        if self.open:
            self.transport.write(frames)

    async def drained(self, seconds: float) -> None:
        """Wait until it takes frames again, or is gone. Raises TimeoutError."""
        if self.paused_at is not None:
            async with asyncio.timeout(seconds):
                await self.writable.wait()

    def cut(self, code: int, reason: str) -> None:
        """Say goodbye; a client that does not read it is gone soon all the same."""
        if not self.open:
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """The transport's buffer is above its mark."""
        super().pause_writing()
        self.paused_at = self.loop.time()

    def resume_writing(self) -> None:
        """The client has read on."""
        super().resume_writing()
        self.paused_at = None
        if self.on_drained is not None:
            self.on_drained()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for this client any more."""
        super().connection_lost(exc)
        self.paused_at = None


def outlet_of(socket: WebSocket) -> Outlet:
    """The outlet of a route's websocket."""
    found: Outlet = socket.scope["extensions"][OUTLET]
    return found
