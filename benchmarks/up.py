"""``sanjian up`` as a process of its own, and what else the benchmarks of a whole server share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanjian import datadir

START_SECONDS = 240
STOP_SECONDS = 20
_STEAL = 8


@dataclass(frozen=True)
class Up:
    """A running server: its process and its addresses (``url``, ``kafka`` …)."""

    pid: int
    directory: Path
    runtime: dict[str, Any]

    @property
    def url(self) -> str:
        """Where the API answers."""
        return str(self.runtime["url"])

    @property
    def bootstrap(self) -> str:
        """Where the broker answers."""
        return str(self.runtime["kafka"]).removeprefix("kafka://")


@contextmanager
def up(directory: Path) -> Iterator[Up]:
    """Start it, wait until it answers, and end it with the context."""
    command = [sys.executable, "-m", "sanjian", "up", "--data", str(directory), "--port", "0"]
    with ended(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) as server:
        deadline = time.monotonic() + START_SECONDS
        while not (runtime := datadir.read(directory, datadir.RUNTIME)):
            if time.monotonic() > deadline or server.poll() is not None:
                sys.exit("sanjian up did not start")
            time.sleep(0.1)
        yield Up(server.pid, directory, runtime)


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """The process is ended with the context."""
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()
        process.wait()


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> int:
    """Memory of a process that is its own, in KB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


class Stolen:
    """``stolen = Stolen()`` … ``stolen.share()``: of the machine's processor time since then, how much its host gave to
    others (0 to 1). Figures taken while it was much are of a smaller machine."""

    def __init__(self) -> None:
        self._begun = _ticks()

    def share(self) -> float:
        """Of all time since the beginning."""
        now = _ticks()
        passed = [after - before for before, after in zip(self._begun, now, strict=True)]
        return round(passed[_STEAL - 1] / max(1, sum(passed)), 3)


def _ticks() -> list[int]:
    """Ticks of user, nice, system, idle, iowait, irq, softirq, steal."""
    return [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1 : _STEAL + 1]]
