"""A worker in a process of its own, to be killed: ``python -m tests.stack.worker_process work|check …``.

``work`` runs a worker until the ledger has ``--until`` messages (exit code 0), or kills itself with SIGKILL after step
``--crash STEP:N`` was reached for the N-th time. ``check`` prints, as JSON, how what landed differs from a manifest.
Settings come from the environment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from sanjian.settings import Settings
from simulators.manifest import Manifest
from standard.load import load
from streams.topics import ensure_topics
from streams.worker import running_worker
from tests.stack.truth import differences

#: Far longer than it takes; a worker that hangs fails the test instead of the whole run.
LONGEST = 120.0
DONE = "SELECT uniqExact(partition, offset) AS n FROM ledger WHERE topic_id = {topic_id:String}"


def crash_after(wanted: str) -> object:
    """Kills this process when a step was reached for the n-th time."""
    step, _, nth = wanted.partition(":")
    seen = 0

    def on_step(number: int) -> None:
        nonlocal seen
        seen += number == int(step)
        if seen == int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)

    return on_step


async def work(settings: Settings, clickhouse: ClickHouse, bootstrap: str, until: int, crash: str) -> int:
    """Run until done; 0, or 1 when it took too long."""
    topics = ensure_topics(settings, [bootstrap])
    on_step = crash_after(crash) if crash else (lambda number: None)
    deadline = time.monotonic() + LONGEST
    parameters = {"topic_id": topics[settings.changes_topic].id}
    async with running_worker(settings, clickhouse, load(), [bootstrap], topics, on_step) as worker:  # type: ignore[arg-type]
        print("ready", flush=True)
        while time.monotonic() < deadline and not worker.failed.done():
            done = await asyncio.to_thread(clickhouse.rows, DONE, parameters)
            if done[0]["n"] >= until:
                return 0
            await asyncio.sleep(0.1)
    return 1


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["work", "check"])
    parser.add_argument("--kafka", default="")
    parser.add_argument("--until", type=int, default=0)
    parser.add_argument("--crash", default="")
    parser.add_argument("--manifest", type=Path)
    given = parser.parse_args()
    sys.argv = sys.argv[:1]
    settings = Settings()
    with ClickHouse(settings.clickhouse_dsn) as clickhouse:
        if given.mode == "check":
            print(json.dumps(differences(clickhouse, Manifest.load(given.manifest)), ensure_ascii=False))
            return 0
        if not settings.clickhouse:
            migrate(clickhouse)
        return asyncio.run(work(settings, clickhouse, given.kafka, given.until, given.crash))


if __name__ == "__main__":
    sys.exit(main())
