"""A server of the ClickHouse HTTP interface for tests: it hands what clickhouse-connect sends to the embedded engine.

There is no ClickHouse server to be had in a test run. This one serves what the client factory uses: statements with
bound parameters, settings and a database in the query string; inserts with data in the body; errors with their code
in a header.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import chdb

USER, PASSWORD = "sanjian", "pass word"
# Query string names that are no settings of the engine.
_TRANSPORT = re.compile(
    r"^(database|query|query_id|session_\w+|client_protocol_version|(de)?compress|role|wait_end_of_query|param_.*)$"
)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


@contextmanager
def served(path: Path) -> Iterator[str]:
    """Serves the engine of this process at ``path``; yields the DSN without a database."""

    class Handler(_Handler):
        engine = str(path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"clickhouse://{USER}:pass%20word@127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    engine = ""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers.get("Authorization") != _basic():
            self._answer(403, b"Code: 516. DB::Exception: sanjian: Authentication failed. (AUTHENTICATION_FAILED)", 516)
            return
        try:
            self._answer(200, _run(self.engine, asked, body))
        except RuntimeError as error:
            text = str(error)
            found = re.search(r"Code: (\d+)", text)
            self._answer(500, text.encode(), int(found[1]) if found else 1002)

    def _answer(self, status: int, body: bytes, code: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/octet-stream")
        if code:
            self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.end_headers()
        self.wfile.write(body)


def _basic() -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _run(engine: str, asked: dict[str, str], body: bytes) -> bytes:
    parameters = {name.removeprefix("param_"): value for name, value in asked.items() if name.startswith("param_")}
    connection = chdb.connect(engine)
    try:
        if database := asked.get("database"):
            connection.query(f"USE `{database}`")
        for name, value in asked.items():
            if not _TRANSPORT.match(name):
                connection.query(f"SET {name} = '{_escaped(value)}'")
        if body.startswith(b"INSERT INTO") and b"FORMAT Arrow" in body[:100_000]:
            statement, _, data = body.partition(b"\n")
            return _insert(connection, statement.decode(), data)
        sql = asked.get("query") or body.decode()
        kind = _FORMAT.search(sql)
        return bytes(connection.query(sql, kind[1] if kind else "TabSeparated", params=parameters).bytes() or b"")
    finally:
        connection.close()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _insert(connection: chdb.Connection, query: str, body: bytes) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        connection.query(_FORMAT.sub(f"FROM INFILE '{file.name}' FORMAT \\1", query))
    return b""
