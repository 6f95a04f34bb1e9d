"""Whoever listens gets every alert at least once, whatever is killed meanwhile; the same alert has the same id."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from api.accounts.principal import Assignment
from clickhouse.client import ClickHouse
from standard.load import load
from streams.worker import running_worker
from tests.clickhouse.conftest import engine_path
from tests.clickhouse.served import served
from tests.stack.conftest import ROOT, Stack
from tests.stack.feeds import sample
from tests.stack.machines import OPERATOR, token_of
from tests.stack.server import SECONDS, Up

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def free_port() -> int:
    """Not one that the system gives to clients: who connects again and again to such a one meets itself in the end."""
    while True:
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", random.randrange(15_000, 30_000)))
            return int(one.getsockname()[1])


class Api:
    """A ``sanjian api`` process that can be killed and started again on its port."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/api/v1/alerts"
        self._environment = os.environ | environment | {"SANJIAN_PORT": str(self.port)}
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sanjian", "api"], env=self._environment, cwd=ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    async def answers(self) -> None:
        async with httpx.AsyncClient() as client, asyncio.timeout(SECONDS):
            while self.process.poll() is None:
                try:
                    await client.get(f"http://127.0.0.1:{self.port}/")
                    return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError("sanjian api ended")


@pytest.fixture
def apis(stack: Stack, engine: ClickHouse, tmp_path: Path) -> Iterator[list[Api]]:
    """Two API processes on the test's broker and databases (the engine of this process, behind HTTP)."""
    token_of(stack.settings, "first")  # makes the accounts database
    with served(engine_path(engine)) as dsn:
        environment = {
            f"SANJIAN_{name.upper()}": str(getattr(stack.settings, name))
            for name in ("changes_topic", "deadletters_topic", "alerts_topic", "codemaps_topic", "group", "partitions")
        } | {
            "SANJIAN_DATA_DIR": str(tmp_path), "SANJIAN_KAFKA": f"kafka://{stack.bootstrap}",
            "SANJIAN_CLICKHOUSE": f"{dsn}/{engine.database}",
        }  # fmt: skip
        started = [Api(environment), Api(environment)]
        yield started
        for api in started:
            api.kill()


class Client:
    """A client as the documentation tells to write one: it keeps the cursor of the last message."""

    def __init__(self, apis: list[Api], token: str, seed: int) -> None:
        self._apis = apis
        self._headers = {"Authorization": f"Bearer {token}"}
        self._random = random.Random(seed)
        self.cursor = ""
        self.said: list[dict[str, Any]] = []
        self.recovered: list[bool | None] = []

    async def run(self) -> None:
        while True:
            url = self._random.choice(self._apis).url + (f"?cursor={self.cursor}" if self.cursor else "")
            try:
                async with connect(url, additional_headers=self._headers) as one:
                    async for text in one:
                        self._take(orjson.loads(text))
            except (ConnectionClosed, InvalidHandshake, OSError):
                await asyncio.sleep(0.05)

    def _take(self, said: dict[str, Any]) -> None:
        if said["kind"] == "hello":
            self.recovered.append(said["recovered"])
        elif said["kind"] != "heartbeat":
            self.said.append({name: value for name, value in said.items() if name not in ("position", "cursor")})
        self.cursor = said["cursor"]

    def ids(self) -> set[str]:
        return {one["id"] for one in self.said}


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not what():
            await asyncio.sleep(0.05)


async def test_api_processes_that_are_killed_under_load_lose_no_alert(stack: Stack, apis: list[Api]) -> None:
    rng = random.Random(3)
    feed = sample(orgs=4, days=6)
    feed.register(stack.clickhouse)
    orgs = [org.org for org in feed.province.orgs]
    who = {org: Assignment("hospital", org) for org in orgs} | {"": OPERATOR}
    clients = {
        org: Client(apis, token_of(stack.settings, org or "all", one), place)
        for place, (org, one) in enumerate(who.items())
    }  # fmt: skip
    for api in apis:
        await api.answers()
    listening = [asyncio.create_task(client.run()) for client in clients.values()]
    await until(lambda: all(client.cursor for client in clients.values()))
    rounds = 6
    topic, many = stack.settings.changes_topic, len(feed.messages)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        for number in range(rounds):
            some = feed.messages[number * many // rounds : (number + 1) * many // rounds]
            sending = asyncio.create_task(asyncio.to_thread(feed.send, stack.bootstrap, topic, some))
            await asyncio.sleep(rng.uniform(0.05, 1.0))
            killed = rng.choice(apis)
            killed.kill()
            await sending
            killed.start()
            if number % 2:
                await killed.answers()
        done = "SELECT uniqExact(partition, offset) AS n FROM ledger"
        async with asyncio.timeout(SECONDS):
            while (await asyncio.to_thread(stack.clickhouse.rows, done))[0]["n"] < many:
                await asyncio.sleep(0.1)
    raised = stack.clickhouse.rows("SELECT id, org FROM alerts FINAL WHERE replay = 0")
    wanted = {org: {row["id"] for row in raised if org in ("", row["org"])} for org in clients}
    assert all(len(ids) > 5 for ids in wanted.values())
    await until(lambda: all(clients[org].ids() >= ids for org, ids in wanted.items()))
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for org, client in clients.items():
        assert client.ids() == wanted[org]
        by_id = {one["id"]: one for one in client.said}
        assert all(by_id[one["id"]] == one for one in client.said), "what comes twice is the same"
        assert False not in client.recovered
        assert True in client.recovered


def listed(running: Up) -> dict[str, dict[str, Any]]:
    """Every alert there is, by id."""
    return {one["id"]: one for one in running.http.get("/api/v1/alerts?limit=1000").json()["alerts"]}


def test_sanjian_listen_prints_every_alert_once_while_everything_is_killed(
    up: Callable[..., Up], tmp_path: Path
) -> None:
    """``sanjian up`` (worker and API) is killed under load, and so is the listener."""
    feed = sample(orgs=3, days=4)
    data, port, rng = tmp_path / "data", free_port(), random.Random(8)
    file, printed = tmp_path / "client.json", tmp_path / "alerts.ndjson"
    sanjian = [sys.executable, "-m", "sanjian"]
    operator = ["--role", "operator", "--scope", "000000", "--label", "listener", "--out", str(file)]
    command = [*sanjian, "listen", "--url", f"http://127.0.0.1:{port}", "--data", str(data), "--out", str(printed),
               "--credentials", str(file)]  # fmt: skip

    def listen() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ids() -> list[str]:
        return [orjson.loads(line)["id"] for line in printed.read_bytes().splitlines()] if printed.exists() else []

    running = up(port)
    subprocess.run([*sanjian, "client", "add", *operator, "--data", str(data)], cwd=ROOT, check=True)
    running.register(feed)
    listener = listen()
    deadline = time.monotonic() + SECONDS
    while not list(data.glob("listen-*.json")):  # it has said where it stands
        assert time.monotonic() < deadline
        time.sleep(0.05)
    before = listed(running)  # the watch has found something already; a listener begins with what comes
    parts = 3
    try:
        for number in range(parts):
            feed.send(running.kafka, "his.changes", feed.messages[number::parts])
            time.sleep(rng.uniform(0.2, 2.0))
            if number == 1:
                listener.send_signal(signal.SIGINT)
                listener.wait(SECONDS)
                listener = listen()
            running.end(signal.SIGKILL)
            running = up(port)
        running.wait_for(sum(feed.manifest.received.values()))
        alerts = listed(running)  # rejections, and what the watch found
        wanted = alerts.keys() - before.keys()
        deadline = time.monotonic() + SECONDS
        while missing := wanted - set(ids()):
            assert time.monotonic() < deadline, [alerts[ident] for ident in missing]
            time.sleep(0.1)
        assert len([ident for ident in wanted if "case" not in alerts[ident]]) == running.totals()["alerts"] > 20
        printed_ids = ids()
        assert len(printed_ids) == len(set(printed_ids))
    finally:
        listener.kill()
        listener.wait()
