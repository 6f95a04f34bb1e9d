"""Files of front pages on the embedded stack: killed at any moment, gone on with, exact at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sanjian import datadir
from sanjian.submit import digest, submit
from tests.stack.conftest import ROOT
from tests.stack.front_file import FrontFile, front_file
from tests.stack.server import SECONDS, Up

pytestmark = [pytest.mark.stack, pytest.mark.slow]
PIECE = 200_000


def differences(data: Path, file: FrontFile, tmp_path: Path) -> Any:
    """What landed compared with the manifest, read after the server has ended."""
    manifest = tmp_path / "manifest.json"
    file.manifest.save(manifest)
    done = subprocess.run(
        [sys.executable, "-m", "tests.stack.worker_process", "check", "--manifest", str(manifest)],
        env=os.environ | {"SANJIAN_DATA_DIR": str(data)}, cwd=ROOT, capture_output=True, check=True, timeout=SECONDS,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def state(server: Up, path: str) -> tuple[str, int]:
    """State, and rows that have an outcome."""
    found = server.http.get(path).json()
    return found["submission"]["state"], found["progress"]["validated"]


def until(server: Up, path: str, reached: Callable[[str, int], bool]) -> tuple[str, int]:
    """Wait until state and rows are so."""
    deadline = time.monotonic() + SECONDS
    while not reached(*(now := state(server, path))):
        assert time.monotonic() < deadline, now
        time.sleep(0.02)
    return now


def test_a_file_whose_upload_and_whose_sending_are_killed_ends_with_exact_counts(
    up: Callable[[], Up], tmp_path: Path
) -> None:
    file = front_file(tmp_path, 3000, 0.3)
    content = file.path.read_bytes()
    server = up()
    file.open(server)
    body = {**file.asked, "file": "pages.csv", "size": len(content), "sha256": digest(file.path)}
    path = "/api/v1/submissions/" + server.http.post("/api/v1/submissions", json=body).json()["submission"]["id"]
    for offset in range(0, 3 * PIECE, PIECE):
        piece = content[offset : offset + PIECE]
        answer = server.http.put(f"{path}/file", content=piece, headers={"Upload-Offset": str(offset)})
        assert answer.json()["offset"] == offset + PIECE
    server.end(signal.SIGKILL)  # in the middle of the upload

    server = up()
    assert server.http.get(f"{path}/file").json()["offset"] == 3 * PIECE
    rest = server.http.put(f"{path}/file", content=content[3 * PIECE :], headers={"Upload-Offset": str(3 * PIECE)})
    assert rest.json()["offset"] == len(content)
    assert server.http.post(f"{path}/finish").status_code == 200
    now, _ = until(server, path, lambda state, rows: state not in ("uploading", "queued"))
    server.end(signal.SIGKILL)  # while the file is checked

    server = up()
    later, _ = until(server, path, lambda state, rows: state in ("sending", "validating", "switching", "done"))
    server.end(signal.SIGKILL)  # while rows are sent and validated, and with it the broker, which forgets all of them
    os.kill(datadir.read(server.data, datadir.BROKER)["pid"], signal.SIGKILL)
    assert "done" not in (now, later)

    server = up()
    until(server, path, lambda state, rows: state == "done")
    one = server.http.get(path).json()["submission"]
    totals = file.manifest.totals()
    assert one["rows"] == totals["received"] == one["accepted"] + one["rejected"]
    assert {name: one[name] for name in ("accepted", "rejected", "flagged")} == {
        name: totals[name] for name in ("accepted", "rejected", "flagged")
    }
    assert (one["number"], one["current"], one["late"]) == (1, True, True)
    assert not list((server.data / "submissions").iterdir())  # the file is gone
    assert server.end(signal.SIGINT) == 0
    assert differences(server.data, file, tmp_path) == []
    said = (tmp_path / "server.log").read_text(errors="replace")
    personal = {row[column] for row in file.pages.rows[:200] for column in ("P4", "P13", "P21") if row.get(column)}
    assert [value for value in personal if len(value) > 2 and value in said] == []


def test_a_later_file_replaces_the_earlier_one_as_a_whole_and_a_cancelled_one_does_not(
    up: Callable[[], Up], tmp_path: Path
) -> None:
    (tmp_path / "less").mkdir()
    first, second = front_file(tmp_path, 120, 0.5), front_file(tmp_path / "less", 70, 0.0)
    server = up()
    first.open(server)
    one = submit(server.http, first.path, first.asked, lambda found: None)["submission"]
    body = {**first.asked, "file": "pages.csv", "size": first.path.stat().st_size}
    begun = server.http.post("/api/v1/submissions", json=body).json()["submission"]["id"]
    refused = server.http.post("/api/v1/submissions", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "submission_under_way")
    assert server.http.post(f"/api/v1/submissions/{begun}/cancel").json()["submission"]["state"] == "cancelled"
    kept = server.http.get(f"/api/v1/submissions/{one['id']}").json()["submission"]
    assert kept["current"]
    two = submit(server.http, second.path, second.asked, lambda found: None)["submission"]
    assert (one["number"], two["number"]) == (1, 2)
    assert (two["accepted"] + two["rejected"], two["rejected"]) == (70, 0)
    listed = server.http.get("/api/v1/submissions", params={"month": "2026-08"}).json()["submissions"]
    assert {entry["id"]: entry["current"] for entry in listed} == {one["id"]: False, begun: False, two["id"]: True}
    broken = tmp_path / "broken.csv"
    broken.write_bytes(second.path.read_bytes() + b'"never closed')
    bad = submit(server.http, broken, second.asked, lambda found: None)["submission"]
    assert (bad["state"], bad["reason"], bad["line"]) == ("refused", "broken_quotes", 72)
    assert server.http.get(f"/api/v1/submissions/{two['id']}").json()["submission"]["current"]
