"""Many websocket clients in a process of their own that cost as little as clients can: sockets, one epoll, no library.

``with Crowd(url, tokens, number) as crowd: …; crowd.wait(alerts, seconds)`` tells when each alert was read by how many.
"""

from __future__ import annotations

import argparse
import base64
import re
import resource
import select
import socket
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import orjson

NUMBER = re.compile(rb'"batch":"fan-(\d+)"')
PING, CLOSE = 0x89, 0x88
READ_BYTES = 256 * 1024


class Crowd:
    """The process of the clients; entered when all of them are connected."""

    def __init__(self, url: str, tokens: list[str], clients: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crowd", "--url", url, "--clients", str(clients)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._say(" ".join(tokens))

    def __enter__(self) -> Crowd:
        if self._hear() != "connected":
            sys.exit("the clients could not connect")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def wait(self, alerts: int, seconds: float) -> dict[int, tuple[int, float]]:
        """When everything has come, or after ``seconds``: alert → how many clients have it, when the last one read it
        (of the performance counter)."""
        self._say(f"{alerts} {seconds}")
        found: dict[str, list[Any]] = orjson.loads(self._hear())
        return {int(number): (count, last) for number, (count, last) in found.items()}

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def connected(url: str, token: str) -> socket.socket:
    """A socket after the handshake. Raises OSError when it is refused."""
    parts = urlsplit(url)
    one = socket.create_connection((parts.hostname, parts.port), timeout=30)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lines = [
        f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(b'0123456789abcdef').decode()}", "Sec-WebSocket-Version: 13",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]  # fmt: skip
    one.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        read = one.recv(1)  # not a byte of the first frame
        if not read:
            raise OSError("closed")
        answer += read
    if not answer.startswith(b"HTTP/1.1 101"):
        raise OSError(answer.partition(b"\r\n")[0].decode())
    one.setblocking(False)
    return one


class Clients:
    """All sockets, and what came to them."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.counts: dict[int, int] = {}
        self.last: dict[int, float] = {}
        self._sockets = {one.fileno(): one for one in sockets}
        self._rest: dict[int, bytes] = {}
        self._poll = select.epoll()
        for number in self._sockets:
            self._poll.register(number, select.EPOLLIN)

    def read(self, seconds: float) -> None:
        """What has come by then."""
        for number, _ in self._poll.poll(seconds, 256):
            data = self._rest.pop(number, b"") + self._sockets[number].recv(READ_BYTES)
            rest = self._frames(number, data)
            if rest:
                self._rest[number] = rest

    def _frames(self, number: int, data: bytes) -> bytes:
        place = 0
        while len(data) - place >= 2:
            length, start = data[place + 1], place + 2
            if length == 126:
                length, start = int.from_bytes(data[start : start + 2]), start + 2
            elif length == 127:
                length, start = int.from_bytes(data[start : start + 8]), start + 8
            if len(data) < start + length:
                break
            self._frame(number, data[place], data[start : start + length])
            place = start + length
        return data[place:]

    def _frame(self, number: int, kind: int, content: bytes) -> None:
        if kind == PING:
            self._sockets[number].send(bytes((0x8A, 0x80 | len(content), 0, 0, 0, 0)) + content)
        elif kind == CLOSE:
            sys.exit(f"a client was closed: {content!r}")
        elif found := NUMBER.search(content):
            alert = int(found[1])
            self.counts[alert] = self.counts.get(alert, 0) + 1
            self.last[alert] = time.perf_counter()


def main() -> None:
    """Connect, read until told to tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--clients", type=int, required=True)
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tokens = sys.stdin.readline().split() or [""]
    clients = Clients([connected(given.url, tokens[number % len(tokens)]) for number in range(given.clients)])
    for _ in range(20):  # hellos
        clients.read(0.1)
    print("connected", flush=True)
    asked = select.poll()
    asked.register(sys.stdin, select.POLLIN)
    while not asked.poll(0):
        clients.read(0.2)
    alerts, seconds = sys.stdin.readline().split()
    deadline = time.monotonic() + float(seconds)
    while time.monotonic() < deadline and sum(clients.counts.values()) < int(alerts) * given.clients:
        clients.read(0.2)
    told = {str(alert): [count, clients.last[alert]] for alert, count in clients.counts.items()}
    print(orjson.dumps(told).decode(), flush=True)


if __name__ == "__main__":
    main()
