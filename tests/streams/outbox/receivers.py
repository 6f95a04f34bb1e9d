"""Receivers as others write them: an HTTP server that checks signatures as WeCom and DingTalk document it,
and that can refuse, hang, redirect or never stop answering."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mode = Literal["take", "500", "302", "429", "hang", "drip", "huge", "broken", "not_json", "too_fast"]

WECOM_KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
DINGTALK_TOKEN, DINGTALK_SECRET = "dingtoken", "SEC0123456789abcdef"


@dataclass
class Receiver:
    """What came, and how it answers. ``url`` is its address."""

    url: str = ""
    mode: Mode = "take"
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def wecom(self) -> str:
        return f"{self.url}/cgi-bin/webhook/send?key={WECOM_KEY}"

    @property
    def dingtalk(self) -> str:
        return f"{self.url}/robot/send?access_token={DINGTALK_TOKEN}"


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a port of its own, with TLS if a context is given."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            _answer(self, receiver, body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # clients that hang up are what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, receiver: Receiver, body: bytes) -> None:
    if receiver.mode == "hang":
        receiver.stopping.wait(30)
    elif receiver.mode == "broken":
        handler.connection.close()
    elif receiver.mode in ("drip", "huge"):
        _endless(handler, receiver)
    elif receiver.mode == "500":
        _say(handler, 500, {})
    elif receiver.mode == "302":
        handler.send_response(302)
        handler.send_header("Location", f"{receiver.url}/elsewhere")
        handler.end_headers()
    elif receiver.mode == "429":
        handler.send_response(429)
        handler.send_header("Retry-After", "120")
        handler.end_headers()
    elif receiver.mode == "not_json":
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"<html>login</html>")
    elif receiver.mode == "too_fast":
        _say(handler, 200, {"errcode": 45009, "errmsg": "api freq out of limit"})
    else:
        _take(handler, receiver, body)


def _take(handler: BaseHTTPRequestHandler, receiver: Receiver, body: bytes) -> None:
    address = urllib.parse.urlsplit(handler.path)
    query = dict(urllib.parse.parse_qsl(address.query))
    if address.path == "/cgi-bin/webhook/send":
        code = _wecom(query, body)
    elif address.path == "/robot/send":
        code = _dingtalk(query, body)
    else:
        code = 0
    if code == 0:
        receiver.taken.append(json.loads(body))
    _say(handler, 200, {"errcode": code, "errmsg": "ok" if code == 0 else "no"})


def _wecom(query: dict[str, str], body: bytes) -> int:
    """developer.work.weixin.qq.com/document/path/91770: the key names the robot; content has at most 4096 bytes."""
    if query != {"key": WECOM_KEY}:
        return 93000
    message = json.loads(body)
    if message["msgtype"] != "markdown" or set(message) != {"msgtype", "markdown"}:
        return 40008
    return 0 if 0 < len(message["markdown"]["content"].encode()) <= 4096 else 40058


def _dingtalk(query: dict[str, str], body: bytes) -> int:
    """open.dingtalk.com, custom robots, 加签: base64 of HMAC-SHA256 over "timestamp\\nsecret", within an hour."""
    timestamp = query.get("timestamp", "0")
    mac = hmac.new(DINGTALK_SECRET.encode(), f"{timestamp}\n{DINGTALK_SECRET}".encode(), digestmod=hashlib.sha256)
    if query.get("sign") != base64.b64encode(mac.digest()).decode():
        return 310000
    if query.get("access_token") != DINGTALK_TOKEN:
        return 300005
    message = json.loads(body)
    whole = message["msgtype"] == "markdown" and message["markdown"]["title"] and message["markdown"]["text"]
    return 0 if whole and len(body) <= 20_000 else 40035


def _endless(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """An answer of a gigabyte, at once or a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 30))
    handler.end_headers()
    piece, pause = (b" ", 0.05) if receiver.mode == "drip" else (b" " * 65536, 0)
    while not receiver.stopping.is_set():
        handler.wfile.write(piece)
        time.sleep(pause)


def _say(handler: BaseHTTPRequestHandler, status: int, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
