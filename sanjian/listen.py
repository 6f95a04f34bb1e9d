"""``sanjian listen``: the hospital-side client. Prints alerts as they come, or writes them as NDJSON.

It reconnects by itself, and after a break fetches what was raised meanwhile, so nothing is missed and nothing comes
twice. The token comes from SANJIAN_TOKEN or a file, not from the command line, where every user of the machine could
read it. Beside a running ``sanjian up`` neither address nor token is needed. Exit codes: 0 ended by Ctrl-C, 2 refused
(token, institution, address).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import orjson
import typer
from rich.console import Console
from rich.markup import escape
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from sanjian import datadir
from sanjian.errors import Misconfigured

Print = Callable[[dict[str, Any]], None]

#: First and longest pause before connecting again; the jitter keeps a thousand hospitals from coming back at once.
BACKOFF_SECONDS = (0.5, 30.0)
#: Heartbeats come every 15 s; without two of them the connection is taken for dead.
SILENCE_SECONDS = 40.0
#: Alerts whose ids are remembered, so that one fetched after a break is not printed again.
REMEMBERED = 2000
#: After these closing codes trying again changes nothing.
REFUSED = {4401: "访问令牌无效 · the token is not valid", 4403: "令牌无权查看该机构 · not this token's institution"}
SHOWN_RULES, SHOWN_EXAMPLES = 5, 3


class Listener:
    """One listening client. ``print_`` gets every alert once; ``note`` gets what happens to the connection."""

    def __init__(self, url: str, token: str, org: str | None, print_: Print, note: Callable[[str], None]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
            raise Misconfigured("The address must look like http://host:8000.")
        secure = parts.scheme in ("https", "wss")
        base = f"{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/').removesuffix('/api/v1/alerts')}/api/v1/alerts"
        self._stream = f"{'wss' if secure else 'ws'}://{base}" + (f"?org={org}" if org else "")
        self._history = f"{'https' if secure else 'http'}://{base}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._org = org
        self._print = print_
        self._note = note
        self._since = ""  # when the newest alert was raised, or when we were first connected
        self._known: deque[str] = deque(maxlen=REMEMBERED)
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
                why = error.rcvd.reason if error.rcvd and error.rcvd.reason else "closed"
            except InvalidURI as error:
                raise Misconfigured("The address must look like http://host:8000.") from error
            except InvalidStatus as error:
                if error.response.status_code in (401, 403, 404):
                    raise Misconfigured(f"The server refuses: HTTP {error.response.status_code}.") from None
                why = f"HTTP {error.response.status_code}"
            except (OSError, InvalidHandshake, TimeoutError, httpx.HTTPError) as error:
                why = type(error).__name__
            pause = self._pause * random.uniform(0.5, 1.0)
            self._pause = min(self._pause * 2, BACKOFF_SECONDS[1])
            self._note(f"连接断开（{why}），{pause:.1f} 秒后重连 · disconnected, again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async with connect(self._stream, additional_headers=self._headers, max_size=2**22) as socket:
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    said = orjson.loads(await socket.recv())
                if said.get("kind") == "hello":
                    await self._connected(said)
                elif said.get("kind") != "heartbeat":
                    self._once(said)

    async def _connected(self, hello: dict[str, Any]) -> None:
        """Fetch what a break hid: the stream is open already, so nothing falls in between."""
        self._pause = BACKOFF_SECONDS[0]
        self._note(f"已连接，等待告警 · connected{'' if hello.get('live') else '（消息代理暂不可用 · broker away）'}")
        if self._since:
            asked = {"since": self._since, "limit": "1000", **({"org": self._org} if self._org else {})}
            async with httpx.AsyncClient(headers=self._headers, timeout=30) as client:
                answer = (await client.get(self._history, params=asked)).raise_for_status()
            for alert in reversed(orjson.loads(answer.content)["alerts"]):
                self._once(alert)
        self._since = self._since or hello["at"]

    def _once(self, alert: dict[str, Any]) -> None:
        if alert["id"] not in self._known:
            self._known.append(alert["id"])
            self._since = max(self._since, alert["raised_at"])
            self._print(alert)


def block(alert: dict[str, Any]) -> str:
    """An alert as lines of rich markup, Chinese first. What came from outside is escaped."""

    def text(value: object) -> str:
        return escape(str(value))

    counts, lines = alert["counts"], []
    what = "无法读取 unreadable" if alert["kind"] == "unreadable" else "拒收 rejected"
    lines.append(
        f"[bold red]{what}[/] {text(alert['raised_at'])}  [bold]{text(alert['org'])}[/] {text(alert['table'])} "
        f"批次 batch {text(alert['batch'])}"
    )
    lines.append(
        f"  接收 received {counts['received']} · 入库 accepted {counts['accepted']} · "
        f"拒收 rejected {counts['rejected']} · 警告 flagged {counts['flagged']} · "
        f"无法读取 unreadable {counts['unreadable']}"
    )
    if alert.get("unreadable"):
        lines.append(f"  {text(alert['unreadable']['detail_zh'])} · {text(alert['unreadable']['detail_en'])}")
    for rule in alert.get("rules", [])[:SHOWN_RULES]:
        colour = "red" if rule["severity"] == "error" else "yellow"
        lines.append(
            f"  [{colour}]{text(rule['rule_id'])}[/] × {rule['rows']}  {text(rule['zh'])} · {text(rule['en'])}"
        )
        lines.append(f"    → {text(rule['fix_zh'])} · {text(rule['fix_en'])}")
    for example in alert.get("examples", [])[:SHOWN_EXAMPLES]:
        lines.append(
            f"    [dim]第 row {example['row']} · {text(example['row_key'])} · {text(example['column_zh'])}"
            f"（{text(example['column'])}）= {text(example['value'])}[/]"
        )
    return "\n".join(lines)


def listen(url: str, token: str, org: str | None = None, out: Path | None = None, as_json: bool = False) -> None:
    """Listen until Ctrl-C; see the module. Raises Misconfigured when the server refuses for good."""
    console, notes = Console(soft_wrap=True), Console(stderr=True, style="dim")
    with suppress(KeyboardInterrupt):
        asyncio.run(Listener(url, token, org, printer(console, out, as_json=as_json), notes.print).run())


def listen_command(
    url: Annotated[str, typer.Option("--url", envvar="SANJIAN_URL", help="服务地址 · address of the server")] = "",
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", exists=True, dir_okay=False, help="存放令牌的文件 · file with the token"),
    ] = None,
    org: Annotated[str | None, typer.Option("--org", help="只看此机构 · only this institution")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="追加写入 NDJSON 文件 · append to an NDJSON file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON · one JSON a line")] = False,
    data: Annotated[
        Path, typer.Option("--data", envvar="SANJIAN_DATA_DIR", help="本机 sanjian up 的数据目录 · data directory")
    ] = Path("data"),
) -> None:
    """实时接收告警，断线自动重连；令牌取自 SANJIAN_TOKEN 或文件 · alerts as they come; reconnects by itself."""
    runtime = datadir.read(data, datadir.RUNTIME)
    given = token_file.read_text().strip() if token_file else os.environ.get("SANJIAN_TOKEN", "")
    url, token = url or runtime.get("url", ""), given or runtime.get("token", "")
    if not url or not token:
        raise Misconfigured("Set SANJIAN_URL and SANJIAN_TOKEN, or start sanjian up on this machine.")
    listen(url, token, org, out, as_json)


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
