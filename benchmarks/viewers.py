"""Open live monitors, as cheap as they get: the page is fetched, its socket is opened and answered as a browser does,
and of what comes only the time and one institution's count are read."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

_CLIENT = re.compile(r"""["']client_id["']:\s*["']([0-9a-f-]{36})["']""")
_NEXT = re.compile(r"""["']next_message_id["']:\s*(\d+)""")
#: A frame is text within a text: its quotes are escaped once.
_AT = re.compile(r'sanjianLive\.take\(\{\\"at\\":(\d+)')
#: A browser confirms what it has read this often (nicegui/static/nicegui.js).
ACK_SECONDS = 3.0
PAGE_SECONDS = 120.0


@dataclass(slots=True)
class Seen:
    """What came to one monitor. ``frames``: (milliseconds from the moment the frame is about to its arrival, its
    length); ``counts``: when the institution's cell said at least so many rows, by rows (seconds since 1970)."""

    frames: list[tuple[float, int]] = field(default_factory=list)
    counts: dict[int, float] = field(default_factory=dict)


class Viewer:
    """``await viewer.open()``; then it reads until ``await viewer.close()``. ``org``: whose cells are watched."""

    def __init__(self, url: str, cookie: str, org: str) -> None:
        self.seen = Seen()
        self._url = url
        self._headers = {"Cookie": cookie}
        self._count = re.compile(rf'\\"{org}\\":\{{[^}}]*?\[\d+,(\d+),')
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ident, self._next = "", 0
        self.showing = asyncio.Event()

    async def open(self, http: httpx.AsyncClient) -> None:
        """Fetch the page, open its socket, and wait until it shows something."""
        answer = await http.get(f"{self._url}/", headers=self._headers, timeout=PAGE_SECONDS)
        answer.raise_for_status()
        ident, number = _CLIENT.search(answer.text), _NEXT.search(answer.text)
        if ident is None or number is None:
            raise RuntimeError("this is not the monitor's page")
        self._ident, self._next = ident[1], int(number[1])
        query = {
            "client_id": self._ident, "next_message_id": number[1], "implicit_handshake": "true",
            "document_id": str(uuid.uuid4()), "tab_id": str(uuid.uuid4()), "EIO": "4", "transport": "websocket",
        }  # fmt: skip
        address = f"ws://{urlsplit(self._url).netloc}/_nicegui_ws/socket.io/?{urlencode(query)}"
        self._socket = await connect(
            address, additional_headers=self._headers, origin=None, max_size=None, ping_interval=None, open_timeout=60
        )
        self._tasks = [asyncio.create_task(self._read(self._socket)), asyncio.create_task(self._confirm(self._socket))]
        await asyncio.wait_for(self.showing.wait(), PAGE_SECONDS)

    async def close(self) -> None:
        """Close the page."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def _read(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for raw in socket:
                message = raw if isinstance(raw, str) else raw.decode()
                if message == "2":
                    await socket.send("3")  # engine.io: ping, pong
                elif message.startswith("0{"):
                    await socket.send("40")  # socket.io: join
                elif message.startswith('42["run_javascript"'):
                    self._take(message, time.time())
                elif message.startswith("44"):
                    raise RuntimeError(f"the socket was refused: {message}")

    def _take(self, message: str, now: float) -> None:
        self._next += 1
        found = _AT.search(message)
        if found is None:
            return
        self.showing.set()
        self.seen.frames.append((now * 1000 - int(found[1]), len(message)))
        for count in self._count.finditer(message):
            self.seen.counts.setdefault(int(count[1]), now)

    async def _confirm(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(ACK_SECONDS)
                ack = ["ack", {"client_id": self._ident, "next_message_id": self._next}]
                await socket.send("42" + orjson.dumps(ack).decode())
