"""``sanjian up`` as a process of a test."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, get_args

import httpx

from sanjian import access, datadir
from sanjian.access import Access
from standard.model import MapKind
from tests.stack.feeds import Sample

ROOT = Path(__file__).parents[2]
#: Far longer than it takes; what hangs fails the test.
SECONDS = 120


class Up:
    """A running ``sanjian up`` on a data directory."""

    def __init__(self, data: Path, port: int = 0, log: Path | None = None) -> None:
        self.data = data
        with (log or Path("/dev/null")).open("ab") as said:
            self._start(data, port, said)

    def _start(self, data: Path, port: int, said: IO[bytes]) -> None:
        datadir.remove(data, datadir.RUNTIME) if data.exists() else None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sanjian", "up", "--data", str(data), "--port", str(port)],
            cwd=ROOT, stdout=said, stderr=said,
        )  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while not datadir.read(data, datadir.RUNTIME):
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        runtime = datadir.read(data, datadir.RUNTIME)
        self.kafka = runtime["kafka"].removeprefix("kafka://")
        self.http = httpx.Client(base_url=runtime["url"], auth=Access(*access.find(data)), timeout=SECONDS)

    def register(self, feed: Sample) -> None:
        """Institutions and maps, through the API."""
        for org, own in zip(feed.province.orgs, feed.province.maps, strict=True):
            body = asdict(org) | {
                name: bool(getattr(org, name)) for name in ("outpatient", "inpatient", "test", "active")
            }
            assert self.http.post("/api/v1/orgs", json=body).status_code == 201
            for kind in get_args(MapKind):
                entries = [
                    {name: value for name, value in entry.items() if name not in ("org", "map", "version")}
                    for entry in own.entries()
                    if entry["map"] == kind
                ]
                answer = self.http.put(f"/api/v1/codemaps/{org.org}/{kind}", json={"entries": entries})
                assert answer.status_code == 200, answer.text

    def totals(self) -> dict[str, int]:
        """Totals since the beginning."""
        found: dict[str, int] = self.http.get("/api/v1/status").json()["total"]
        return found

    def wait_for(self, received: int) -> None:
        """Wait until so many rows are landed."""
        deadline = time.monotonic() + SECONDS
        while self.totals()["received"] < received:
            assert time.monotonic() < deadline, self.totals()
            time.sleep(0.1)

    def end(self, number: int) -> int:
        """Send a signal; the exit code."""
        self.http.close()
        self.process.send_signal(number)
        return self.process.wait(SECONDS)
