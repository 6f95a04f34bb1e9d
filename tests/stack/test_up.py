"""``sanjian up`` as people use it: started, stopped, killed, started again; its commands; what it refuses."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from simulators.targets import KafkaTarget
from tests.stack.conftest import ROOT
from tests.stack.feeds import Sample, sample
from tests.stack.server import SECONDS, Up

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def landed_differences(data: Path, feed: Sample, tmp_path: Path) -> Any:
    """What landed compared with the manifest, read after the server has ended."""
    manifest = tmp_path / "manifest.json"
    feed.manifest.save(manifest)
    done = subprocess.run(
        [sys.executable, "-m", "tests.stack.worker_process", "check", "--manifest", str(manifest)],
        env=os.environ | {"SANJIAN_DATA_DIR": str(data)}, cwd=ROOT, capture_output=True, check=True, timeout=SECONDS,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def rows_of(feed: Sample) -> int:
    """Rows that the whole feed sends; what cannot be read counts as its header says."""
    return sum(feed.manifest.received.values())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_two_runs_on_one_directory_give_exact_counts(up: Callable[[], Up], tmp_path: Path, how: signal.Signals) -> None:
    feed = sample(orgs=3, days=2)
    half = len(feed.messages) // 2
    first = up()
    first.register(feed)
    feed.send(first.kafka, "his.changes", feed.messages[:half])
    code = first.end(how)
    second = up()
    feed.send(second.kafka, "his.changes", feed.messages[half:])
    second.wait_for(rows_of(feed))
    assert second.end(signal.SIGINT) == 0
    assert code == (0 if how == signal.SIGINT else -signal.SIGKILL)
    assert landed_differences(tmp_path / "data", feed, tmp_path) == []


def until_letters(server: Up, letters: int) -> None:
    """Wait until there are so many dead letters."""
    deadline = time.monotonic() + SECONDS
    while len(server.http.get("/api/v1/deadletters").json()["dead_letters"]) < letters:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_its_commands_audit_list_and_redrive_and_a_hospital_hears_its_alerts(up: Callable[[], Up]) -> None:
    feed = sample(orgs=2, days=1)
    server = up()
    server.register(feed)
    file = server.data / "client.json"
    org = feed.province.orgs[0].org
    command(server, "client", "add", "--org", org, "--label", "test", "--out", str(file))
    listener = subprocess.Popen(
        [sys.executable, "-m", "sanjian", "listen", "--url", str(server.http.base_url), "--json",
         "--credentials", str(file)],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert "connected" in line_of(listener.stderr)  # it hears what comes after this
    feed.send(server.kafka, "his.changes")
    server.wait_for(rows_of(feed))
    alert = json.loads(line_of(listener.stdout))
    listener.kill()
    listener.communicate()
    with KafkaTarget([server.kafka]) as target:
        target.produce(alert["org"].encode(), b"no message at all")
        target.close()
    before = server.totals()["received"] + 1
    server.wait_for(before)
    letters = len(server.http.get("/api/v1/deadletters").json()["dead_letters"])
    letter = server.http.get("/api/v1/deadletters", params={"reason": "not_json"}).json()["dead_letters"][0]
    place = "{topic_id}/{partition}/{offset}".format(**letter)
    audit = command(server, "audit")
    shown = command(server, "deadletters", "show", place)
    redriven = command(server, "deadletters", "redrive", place)
    until_letters(server, letters + 1)
    assert server.totals()["received"] == before  # it counts where it is now, not twice
    assert alert["org"] == feed.province.orgs[0].org
    assert letter["org"] == alert["org"]
    assert (audit.returncode, redriven.returncode) == (0, 0)
    assert "not_json" in shown.stdout
    assert "not_json" in command(server, "deadletters", "list").stdout


def line_of(stream: IO[str] | None) -> str:
    """The next line that a process says; fails when it says nothing."""
    assert stream is not None
    ready, _, _ = select.select([stream], [], [], SECONDS)
    assert ready
    return stream.readline()


def command(server: Up, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A ``sanjian`` command on the server's directory."""
    return subprocess.run(
        [sys.executable, "-m", "sanjian", *arguments, "--data", str(server.data)],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


def refused(*arguments: str) -> str:
    """What a start says that is refused with exit code 2, in one line."""
    done = subprocess.run(
        [sys.executable, "-m", "sanjian", "up", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith("{")]
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    return lines[0]


def test_a_second_process_on_the_directory_is_refused_in_one_sentence(up: Callable[[], Up]) -> None:
    server = up()
    assert "Another sanjian process" in refused("--data", str(server.data), "--port", "0")


def test_a_taken_port_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in refused("--data", str(tmp_path / "data"), "--port", port)


def test_a_directory_that_cannot_be_written_is_refused_in_one_sentence() -> None:
    assert "cannot be written" in refused("--data", "/proc/sanjian")
