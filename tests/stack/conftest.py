"""The embedded stack, really started: one broker for the folder, topics and a database of its own for each test."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clickhouse.client import ClickHouse
from sanjian import datadir
from sanjian.broker import EmbeddedBroker
from sanjian.settings import Settings
from streams.topics import Topic, ensure_topics
from tests.databases import Databases, an_engine
from tests.stack.server import Up

_numbers = itertools.count(1)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """One broker for the folder."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker") / "broker.log") as running:
        yield running


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """One engine for the folder; closed at its end, because a process can have one directory open at a time."""
    with an_engine(tmp_path_factory.mktemp("stack") / "clickhouse") as client:
        yield client


@pytest.fixture(scope="package")
def databases(engine: ClickHouse) -> Databases:
    """Where tests get theirs from."""
    return Databases(engine)


@dataclass
class Stack:
    """Settings, topics and database of a test."""

    settings: Settings
    clickhouse: ClickHouse
    bootstrap: str
    topics: dict[str, Topic]

    @property
    def changes(self) -> Topic:
        """The topic his.changes of this test."""
        return self.topics[self.settings.changes_topic]


def own_topics(number: int) -> dict[str, str]:
    """Names of topics and group that no other test uses."""
    return {
        "changes_topic": f"his.changes.{number}", "deadletters_topic": f"his.deadletters.{number}",
        "alerts_topic": f"sanjian.alerts.{number}", "codemaps_topic": f"sanjian.codemaps.{number}",
        "group": f"sanjian{number}",
    }  # fmt: skip


@pytest.fixture
def stack(tmp_path: Path, databases: Databases, broker: EmbeddedBroker) -> Iterator[Stack]:
    """A stack with topics and a migrated database of its own."""
    settings = Settings(data_dir=tmp_path, partitions=3, **own_topics(next(_numbers)))  # type: ignore[arg-type]
    with databases.migrated(None) as client:
        yield Stack(settings, client, broker.bootstrap, ensure_topics(settings, [broker.bootstrap]))


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[tuple[dict[str, str], Start]]:
    """Environment of a test's own (data directory, topics), and how to start ``worker_process`` in it."""
    number = next(_numbers)
    environment = {f"SANJIAN_{name.upper()}": value for name, value in own_topics(1000 + number).items()}
    environment |= {"SANJIAN_DATA_DIR": str(tmp_path / "data"), "SANJIAN_PARTITIONS": "3"}
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.stack.worker_process", *arguments],
            env=os.environ | environment | more, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield environment, start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Starts ``sanjian up`` on the test's directory; ends what is left of it, the broker too."""
    started: list[Up] = []

    def start(port: int = 0) -> Up:
        started.append(Up(tmp_path / "data", port, tmp_path / "server.log"))
        return started[-1]

    yield start
    for one in started:
        one.http.close()
        one.process.kill()
        one.process.wait()
    broker = datadir.read(tmp_path / "data", datadir.BROKER).get("pid")
    if broker and Path(f"/proc/{broker}").exists():
        os.kill(broker, signal.SIGKILL)
