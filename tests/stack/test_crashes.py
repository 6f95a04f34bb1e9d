"""kill -9 between any two steps, and whole workers that disappear: nothing lost, nothing counted twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from clickhouse.client import ClickHouse
from sanjian.broker import EmbeddedBroker
from sanjian.settings import Settings
from streams.audit import Auditor
from streams.topics import ensure_topics
from tests.clickhouse.conftest import engine_path
from tests.clickhouse.served import served
from tests.stack.conftest import Stack, Start
from tests.stack.feeds import Sample, sample
from tests.stack.truth import differences

pytestmark = [pytest.mark.stack, pytest.mark.slow]

#: Small runs, so that a worker is in the middle of its work when it is killed.
SMALL_RUNS = {"SANJIAN_RUN_MAX_BYTES": "200000", "SANJIAN_MAX_MESSAGE_BYTES": "1500000"}
SECONDS = 150


def finished(process: subprocess.Popen[str]) -> int:
    """The exit code (negative: the signal that ended it)."""
    return process.wait(SECONDS)


def register_there(feed: Sample, data: Path) -> None:
    """Register the institutions in the directory that the other process will use."""
    code = (
        "import sys, pathlib; from clickhouse.client import ClickHouse; from clickhouse.migrate import migrate; "
        "from tests.stack.feeds import sample; from sanjian.settings import Settings; "
        "c = ClickHouse(Settings().clickhouse_dsn); migrate(c); "
        f"sample(orgs={len(feed.province.orgs)}, days={len(feed.province.dates)}).register(c); c.close()"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"SANJIAN_DATA_DIR": str(data)}, check=True, timeout=SECONDS,
    )  # fmt: skip


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6])
def test_killed_after_any_step_everything_is_there_exactly_once(
    step: int, broker: EmbeddedBroker, other_process: tuple[dict[str, str], Start], tmp_path: Path
) -> None:
    environment, start = other_process
    feed = sample(orgs=2, days=2)
    data = Path(environment["SANJIAN_DATA_DIR"])
    register_there(feed, data)
    settings = Settings(data_dir=data, partitions=3, changes_topic=environment["SANJIAN_CHANGES_TOPIC"])
    ensure_topics(settings, [broker.bootstrap])
    feed.send(broker.bootstrap, settings.changes_topic)
    until = ("--kafka", broker.bootstrap, "--until", str(len(feed.messages)))
    assert finished(start("work", *until, "--crash", f"{step}:2", **SMALL_RUNS)) == -signal.SIGKILL
    assert finished(start("work", *until, **SMALL_RUNS)) == 0
    manifest = tmp_path / "manifest.json"
    feed.manifest.save(manifest)
    check = start("check", "--manifest", str(manifest))
    output, _ = check.communicate(timeout=SECONDS)
    assert json.loads(output.splitlines()[-1]) == []


def test_of_two_workers_one_is_killed_and_the_other_goes_on(
    stack: Stack, engine: ClickHouse, other_process: tuple[dict[str, str], Start]
) -> None:
    _, start = other_process
    feed = sample(orgs=6, days=3)
    feed.register(stack.clickhouse)
    with served(engine_path(engine)) as dsn:
        shared = SMALL_RUNS | {
            "SANJIAN_CLICKHOUSE": f"{dsn}/{engine.database}",
            "SANJIAN_GROUP": stack.settings.group,
            **{f"SANJIAN_{name.upper()}": topic for name, topic in topic_names(stack).items()},
        }
        until = ("--kafka", stack.bootstrap, "--until", str(len(feed.messages)))
        first, second = (start("work", *until, **shared) for _ in range(2))
        for process in (first, second):
            assert process.stdout is not None
            while "ready" not in process.stdout.readline():
                assert process.poll() is None
        sending = threading.Thread(target=feed.send, args=(stack.bootstrap, stack.settings.changes_topic))
        sending.start()
        wait_for_messages(stack, len(feed.messages) // 5)
        first.kill()
        sending.join()
        assert finished(second) == 0
    workers = stack.clickhouse.rows("SELECT uniqExact(worker) AS n FROM ledger")[0]["n"]
    with closing(Auditor(stack.clickhouse, [stack.bootstrap], stack.changes)) as auditor:
        audit = auditor.audit()
    assert differences(stack.clickhouse, feed.manifest) == []
    assert [part.missing for part in audit] == [()] * stack.settings.partitions
    assert workers == 2


def topic_names(stack: Stack) -> dict[str, str]:
    """The topics of the test's stack."""
    names = ("changes_topic", "deadletters_topic", "alerts_topic", "codemaps_topic")
    return {name: getattr(stack.settings, name) for name in names}


def wait_for_messages(stack: Stack, many: int) -> None:
    """Wait until the ledger has some messages."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if stack.clickhouse.rows("SELECT uniqExact(partition, offset) AS n FROM ledger")[0]["n"] >= many:
            return
        time.sleep(0.02)
    raise AssertionError("no worker does anything")
