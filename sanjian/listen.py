"""``sanjian listen``: the hospital-side client. Prints alerts as they come, or writes them as NDJSON.

It reconnects by itself with the cursor of the last message, so nothing is missed and nothing is printed twice; the
cursor is kept in a file, so that also holds for the time in which it did not run. Where the server says that its
history does not reach back so far, it prints the last alerts of the list instead.

It gets its tokens itself (see ``sanjian.access``); beside a running ``sanjian up`` neither address nor credentials are
needed. Exit codes: 0 ended by Ctrl-C, 2 refused (credentials, institution, address).
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import httpx
import orjson
import typer
from rich.console import Console
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from api.live.codes import FORBIDDEN, UNAUTHORIZED
from sanjian.access import Access, Credentials, find
from sanjian.alert_text import block
from sanjian.bookmark import Bookmark, held
from sanjian.errors import Misconfigured, NotNow

Print = Callable[[dict[str, Any]], None]

#: First and longest pause before connecting again; the jitter keeps a thousand hospitals from coming back at once.
BACKOFF_SECONDS = (0.5, 30.0)
#: Heartbeats come every 15 s; without two of them the connection is taken for dead.
SILENCE_SECONDS = 40.0
#: After these closing codes trying again changes nothing.
REFUSED = {FORBIDDEN: "无权查看该机构 · not an institution that you may see"}
#: Fetched at once when the history does not reach back to the cursor.
PAGE = 1000
#: An alert is raised when its message arrives and published when it was worked on: later ones may have come before.
LATER = timedelta(hours=1)


class Listener:
    """One listening client. ``print_`` gets every alert once; ``note`` gets what happens to the connection."""

    def __init__(
        self, url: str, credentials: Credentials, org: str | None, print_: Print, note: Callable[[str], None],
        bookmark: Bookmark | None = None,
    ) -> None:  # fmt: skip
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
            raise Misconfigured("The address must look like http://host:8000.")
        secure = parts.scheme in ("https", "wss")
        root = parts.netloc.rpartition("@")[2] + parts.path.rstrip("/").removesuffix("/api/v1/alerts")
        base = f"{root}/api/v1/alerts"
        self._stream = f"{'wss' if secure else 'ws'}://{base}"
        self._history = f"{'https' if secure else 'http'}://{base}"
        self._access = Access(f"{'https' if secure else 'http'}://{root}", credentials)
        self._org = {"org": org} if org else {}
        self._print = print_
        self._note = note
        self._bookmark = bookmark or Bookmark()
        self._pause = BACKOFF_SECONDS[0]

    async def run(self) -> None:
        """Listen until cancelled. Raises Misconfigured when the server refuses for good."""
        while True:
            try:
                await self._listen()
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else None
                if code in REFUSED:
                    raise Misconfigured(REFUSED[code]) from None
                if code == UNAUTHORIZED:  # the token has ended or was taken back; where a new one is refused, we end
                    self._access.forget()
                why = error.rcvd.reason if error.rcvd and error.rcvd.reason else "closed"
            except InvalidURI as error:
                raise Misconfigured("The address must look like http://host:8000.") from error
            except InvalidStatus as error:
                if error.response.status_code in (401, 403, 404):
                    raise Misconfigured(f"The server refuses: HTTP {error.response.status_code}.") from None
                why = f"HTTP {error.response.status_code}"
            except (OSError, InvalidHandshake, TimeoutError, httpx.HTTPError, NotNow) as error:
                why = type(error).__name__
            pause = self._pause * random.uniform(0.5, 1.0)
            self._pause = min(self._pause * 2, BACKOFF_SECONDS[1])
            self._note(f"连接断开（{why}），{pause:.1f} 秒后重连 · disconnected, again in {pause:.1f} s")
            await asyncio.sleep(pause)

    def address(self) -> str:
        """Where to connect now; never with the token."""
        asked = self._org | ({"cursor": self._bookmark.cursor} if self._bookmark.cursor else {})
        return self._stream + (f"?{urlencode(asked)}" if asked else "")

    async def _listen(self) -> None:
        headers = await self._access.headers()
        async with connect(self.address(), additional_headers=headers, max_size=2**22) as socket:
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    said = orjson.loads(await socket.recv())
                if said.get("kind") == "hello":
                    await self._connected(said)
                elif said.get("kind") != "heartbeat":
                    self._once(said)
                self._bookmark.move(said["cursor"])

    async def _connected(self, hello: dict[str, Any]) -> None:
        self._pause = BACKOFF_SECONDS[0]
        self._note(f"已连接，等待告警 · connected{'' if hello['live'] else '（消息代理暂不可用 · broker away）'}")
        if hello["recovered"] is False:
            self._note("服务端历史不够久，改取最近的告警 · the history is too short, fetching the last alerts")
            await self._reload()
        self._bookmark.since = self._bookmark.since or hello["at"]

    async def _reload(self) -> None:
        """Print what the list of the last alerts has; the stream is open already, so nothing falls in between."""
        since = self._bookmark.since and (datetime.fromisoformat(self._bookmark.since) - LATER).isoformat()
        asked = self._org | ({"since": since} if since else {}) | {"limit": str(PAGE)}
        found: list[dict[str, Any]] = []
        async with httpx.AsyncClient(auth=self._access, timeout=30) as client:
            while len(found) % PAGE == 0:
                page = await client.get(self._history, params=asked | {"offset": str(len(found))})
                alerts = orjson.loads(page.raise_for_status().content)["alerts"]
                if not alerts:
                    break
                found += alerts
        for alert in reversed(found):
            self._once(alert)

    def _once(self, alert: dict[str, Any]) -> None:
        if self._bookmark.is_new(alert["id"], alert["raised_at"]):
            self._print(alert)


def listen(
    url: str, credentials: Credentials, org: str | None = None, out: Path | None = None, as_json: bool = False,
    bookmark: Bookmark | None = None,
) -> None:  # fmt: skip
    """Listen until Ctrl-C; see the module. Raises Misconfigured when the server refuses for good."""
    console, notes = Console(soft_wrap=True), Console(stderr=True, style="dim")
    printed = printer(console, out, as_json=as_json)
    with suppress(KeyboardInterrupt):
        asyncio.run(Listener(url, credentials, org, printed, notes.print, bookmark).run())


def listen_command(
    url: Annotated[str, typer.Option("--url", envvar="SANJIAN_URL", help="服务地址 · address of the server")] = "",
    credentials: Annotated[
        Path | None,
        typer.Option("--credentials", exists=True, dir_okay=False, help="接入凭证文件 · file of credentials"),
    ] = None,
    org: Annotated[str | None, typer.Option("--org", help="只看此机构 · only this institution")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="追加写入 NDJSON 文件 · append to an NDJSON file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON · one JSON a line")] = False,
    cursor: Annotated[
        Path | None,
        typer.Option("--cursor", help="记录读到何处的文件；默认在数据目录 · file that remembers how far it read"),
    ] = None,
    data: Annotated[
        Path, typer.Option("--data", envvar="SANJIAN_DATA_DIR", help="本机 sanjian up 的数据目录 · data directory")
    ] = Path("data"),
) -> None:
    """实时接收告警，从上次停下的位置继续；凭证取自环境变量或文件 · alerts as they come, from where it was."""
    where, found = find(data, url, credentials)
    with held(cursor or data / cursor_name(url, found.client_id, org)) as bookmark:
        listen(where, found, org, out, as_json, bookmark)


def cursor_name(url: str, client_id: str, org: str | None) -> str:
    """The file of a listener in the data directory. ``url`` is empty when it is not given: ``sanjian up`` has another
    port each time, and it is the same stream."""
    return f"listen-{hashlib.sha256(f'{url} {client_id} {org or str()}'.encode()).hexdigest()[:12]}.json"


def printer(console: Console, out: Path | None, *, as_json: bool) -> Print:
    """What is done with an alert: appended to a file, written as JSON, or printed for people."""

    def print_(alert: dict[str, Any]) -> None:
        line = orjson.dumps(alert, option=orjson.OPT_APPEND_NEWLINE)
        if out is not None:
            with out.open("ab") as file:
                file.write(line)
        if as_json:
            console.file.write(line.decode())
            console.file.flush()
        elif out is None:
            console.print(block(alert) + "\n")

    return print_
