"""What the containers run: ``sanjian migrate``, ``worker`` and ``api`` as processes of their own, with nothing but an
environment and a folder of secrets, ended as Docker ends them.

Nothing is sent: beside servers producers are idempotent, and the embedded broker gives out no producer ids. What a
worker does with messages is tested with its own broker (``test_whole_path.py``)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest

from api.accounts.accounts import Accounts
from clickhouse.client import ClickHouse
from sanjian import server
from sanjian.probe import problem
from tests.clickhouse.conftest import engine_path
from tests.clickhouse.served import served
from tests.stack.conftest import ROOT, Stack
from tests.stack.machines import token_of
from tests.stack.server import SECONDS
from tests.stack.test_listening import free_port

pytestmark = [pytest.mark.stack, pytest.mark.slow]
DATABASE = "commands"


class Commands:
    """Runs commands of ours in one environment."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SANJIAN_")}
        self.environment |= environment | {"PYTHONPATH": str(ROOT)}
        self._folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start one; what it says goes into a file beside the secrets."""
        with (self._folder / f"{arguments[0]}.log").open("a") as said:
            self.started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "sanjian", *arguments], env=self.environment, cwd=self._folder, stdout=said,
                    stderr=said, text=True,
                )
            )  # fmt: skip
        return self.started[-1]

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run one to its end: exit code, and all that this command has said so far."""
        code = self.start(*arguments).wait(SECONDS)
        return code, self.said(arguments[0])

    def said(self, command: str) -> str:
        """What it has said."""
        return (self._folder / f"{command}.log").read_text()


@pytest.fixture
def commands(stack: Stack, engine: ClickHouse, tmp_path: Path) -> Iterator[Commands]:
    """The environment of a container: addresses with passwords are secrets."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    with served(engine_path(engine)) as dsn:
        (secrets / "sanjian_clickhouse").write_text(f"{dsn}/{DATABASE}\n")
        (secrets / "sanjian_smtp").write_text("")
        names = ("changes_topic", "deadletters_topic", "alerts_topic", "codemaps_topic", "group", "partitions")
        environment = {f"SANJIAN_{name.upper()}": str(getattr(stack.settings, name)) for name in names} | {
            "SANJIAN_SECRETS_DIR": str(secrets), "SANJIAN_KAFKA": f"kafka://{stack.bootstrap}",
            "SANJIAN_DATA_DIR": str(tmp_path / "data"), "SANJIAN_METRICS_PORT": str(free_port()),
            "SANJIAN_PORT": str(free_port()), "SANJIAN_LOG_FORMAT": "json",
        }  # fmt: skip
        (tmp_path / "data").mkdir()
        given = Commands(environment, tmp_path)
        yield given
        for process in given.started:
            process.kill()
            process.wait()
    engine.command(f"DROP DATABASE IF EXISTS {DATABASE} SYNC")


def wait(done: Callable[[], bool], processes: list[subprocess.Popen[str]], said: Callable[[], str]) -> None:
    """Until ``done``; nothing may end before. ``said``: what to show otherwise."""
    deadline = time.monotonic() + SECONDS
    while not done():
        assert all(process.poll() is None for process in processes), said()
        assert time.monotonic() < deadline, said()
        time.sleep(0.2)


def test_migrate_then_worker_and_api_which_end_well_on_sigterm(commands: Commands) -> None:
    run = commands
    code, told = run.run("worker")
    assert (code, "run sanjian migrate first" in told) == (2, True), "not before the database is there"
    code, told = run.run("migrate")
    assert (code, "applied: 0001_pipeline" in told) == (0, True)
    assert run.run("migrate")[0] == 0
    assert "the database is up to date" in run.said("migrate")

    worker, api = run.start("worker"), run.start("api")

    def said() -> str:
        return run.said("worker")[-3000:] + run.said("api")[-3000:]

    metrics = f"http://127.0.0.1:{run.environment['SANJIAN_METRICS_PORT']}/metrics"
    address = f"http://127.0.0.1:{run.environment['SANJIAN_PORT']}"
    wait(lambda: not problem(metrics) and not problem(f"{address}/health/live"), [worker, api], said)

    wait(lambda: "worker_ready" in run.said("worker"), [worker, api], said)
    assert "sanjian_rows_total" in httpx.get(metrics).text

    for process in (worker, api):
        process.send_signal(signal.SIGTERM)
    assert [process.wait(SECONDS) for process in (worker, api)] == [0, 0], run.said("worker") + run.said("api")
    assert "pass word" not in run.said("worker") + run.said("api")
    assert "pass%20word" not in run.said("worker") + run.said("api")


def test_demo_registers_the_province_and_becomes_what_sends_it(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = stack.settings.model_copy(update={"kafka": f"kafka://{stack.bootstrap}"})
    token_of(settings, "first")  # makes the accounts database
    became: list[list[str]] = []
    monkeypatch.setattr(server, "_servers", lambda _: (nullcontext(stack.clickhouse), stack.topics))
    monkeypatch.setattr(os, "execv", lambda _, command: became.append(command))
    server.run_demo(settings)
    server.run_demo(settings)  # the container starts again
    assert [command[command.index("--to") + 1] for command in became] == [settings.kafka] * 2
    orgs = stack.clickhouse.rows("SELECT count() AS n FROM orgs FINAL")[0]["n"]
    accounts = Accounts.open(settings)
    try:
        assert len([one for one in accounts.clients.all() if one.org]) == orgs > 5
        assert {one.name for one in accounts.users.all()} >= {"demo-admin", "demo-hospital"}
    finally:
        accounts.close()
