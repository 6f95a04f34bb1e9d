"""The health check of our containers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sanjian.probe import problem


@pytest.fixture
def address() -> Iterator[str]:
    """A server that answers with the status that its path names."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self.send_response(int(self.path.strip("/")))
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as Docker runs it."""
    return subprocess.run(
        [sys.executable, "-m", "sanjian.probe", *arguments], capture_output=True, text=True, check=False
    )


def test_what_answers_200_is_well(address: str) -> None:
    assert run(f"{address}/200").returncode == 0


def test_what_answers_something_else_is_not_and_the_reason_is_told(address: str) -> None:
    answer = run(f"{address}/503")
    assert (answer.returncode, answer.stderr.strip()) == (1, f"{address}/503 answers 503")


def test_nobody_there_is_a_reason_too(address: str) -> None:
    assert "does not answer" in problem("http://127.0.0.1:1/health")
    assert problem(f"{address}/204") == f"{address}/204 answers 204"
    assert run().returncode == 2
