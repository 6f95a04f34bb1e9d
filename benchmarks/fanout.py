"""Alerts from Kafka to many websocket clients, beside the same fan-out done by a bare ``websockets`` broadcast server
that reads the same topic the same way. The last line is one JSON object.

What is measured is the time from handing an alert to the producer until the *last* client has read it, and how much the
server's memory grows by a client. ``python -m benchmarks.fanout [--clients 2000] [--alerts 300] [--rate 5] [--json]``
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from websockets.asyncio.server import ServerConnection, broadcast, serve

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.principal import Assignment
from api.hub import FETCH_WAIT_MS
from benchmarks.crowd import Crowd
from benchmarks.up import Stolen, ended, memory_kb, up
from sanjian.broker import EmbeddedBroker
from sanjian.settings import Settings
from simulators.load import TABLE, charge_orgs
from streams.topics import ensure_topics

#: The first ones open files, fill caches and grow buffers.
WARM_UP = 10
#: What was sent last has arrived after this, or never will.
LAST_SECONDS = 20.0
#: So many connections has an account by default.
OF_AN_ACCOUNT = 20


def alert(number: int) -> bytes:
    """An alert of 1.4 KB, as of a message with three rules violated."""
    org = charge_orgs()[0].org
    rules = [
        {"rule_id": f"SF-R-{place}", "severity": "error", "rows": 3, "zh": "开单医生编码为空，无法确定责任医生",
         "en": "The ordering doctor is missing", "fix_zh": "补填开单医生编码后重新上传", "fix_en": "Fill it in"}
        for place in range(3)
    ]  # fmt: skip
    examples = [
        {"row": place, "row_key": f"LONE{place:08d}", "column": "KDYSBH", "column_zh": "开单医生编码", "value": "",
         "rule_id": f"SF-R-{place}", "reason_zh": "为空", "reason_en": "empty", "fix_zh": "补填"}
        for place in range(3)
    ]  # fmt: skip
    return orjson.dumps({
        "id": f"{number:024d}", "kind": "rejection", "org": org, "table": TABLE, "batch": f"fan-{number}",
        "severity": "error", "raised_at": "2026-11-21T12:00:00.000+08:00",
        "counts": {"received": 500, "accepted": 491, "rejected": 9, "flagged": 0, "unreadable": 0},
        "rules": rules, "examples": examples, "unreadable": None,
    })  # fmt: skip


async def publish(bootstrap: str, alerts: int, rate: float) -> dict[int, float]:
    """At a steady rate, a little irregular so that no poll of the broker keeps in step; when each was handed over."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    sent: dict[int, float] = {}
    rng = random.Random(1)
    try:
        for number in range(alerts + WARM_UP):
            value = alert(number)
            sent[number] = time.perf_counter()
            await producer.send_and_wait("sanjian.alerts", value, key=charge_orgs()[0].org.encode())
            await asyncio.sleep(max(0.0, sent[number] + rng.uniform(0.5, 1.5) / rate - time.perf_counter()))
    finally:
        await producer.stop()
    return sent


def measure(
    name: str, pid: int, url: str, bootstrap: str, tokens: list[str], given: argparse.Namespace
) -> dict[str, Any]:
    """Let the crowd listen to a server, publish, and say how long it took and what it cost."""
    time.sleep(3)  # what starts up is done with it
    before = memory_kb(pid)
    with Crowd(url, tokens, given.clients) as crowd:
        after = memory_kb(pid)
        sent = asyncio.run(publish(bootstrap, given.alerts, given.rate))
        arrived = crowd.wait(len(sent), LAST_SECONDS)
    took = []
    for number, moment in sent.items():
        clients, last = arrived.get(number, (0, 0.0))
        if clients != given.clients:
            sys.exit(f"{name}: alert {number} came to {clients} of {given.clients} clients")
        if number >= WARM_UP:
            took.append((last - moment) * 1000)
    return {
        "p50_ms": round(statistics.median(took), 1),
        "p99_ms": round(statistics.quantiles(took, n=100)[98], 1),
        "kb_per_client": round((after - before) / given.clients, 1),
    }


def made(settings: Settings, number: int) -> list[str]:
    """Tokens of so many machines that hear every alert."""
    accounts = Accounts.open(settings)
    accounts.database.migrate()
    machines = [accounts.clients.add(By("benchmark"), f"b{n}", Assignment("admin")) for n in range(number)]
    issued = [accounts.tokens.issue(client.id, secret, "127.0.0.1") for client, secret in machines]
    accounts.close()
    return [one.token for one in issued if one is not None]


def sanjian(directory: Path, given: argparse.Namespace) -> dict[str, Any]:
    """``sanjian up`` on an empty directory, and enough tokens for the clients."""
    tokens = made(Settings(data_dir=directory), -(-given.clients // OF_AN_ACCOUNT))
    with up(directory) as server:
        return measure("sanjian", server.pid, f"{server.url}/api/v1/alerts", server.bootstrap, tokens, given)


def floor(directory: Path, given: argparse.Namespace) -> dict[str, Any]:
    """The bare server, on a broker of its own."""
    with EmbeddedBroker(directory / "broker.log") as broker:
        ensure_topics(Settings(data_dir=directory), [broker.bootstrap])
        command = [sys.executable, "-m", "benchmarks.fanout", "--floor", broker.bootstrap]
        with ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            return measure("floor", server.pid, url, broker.bootstrap, [""], given)


async def serve_floor(bootstrap: str) -> None:
    """The bare server itself: no tokens, no history, nobody is cut off."""
    connected: set[ServerConnection] = set()

    async def stay(connection: ServerConnection) -> None:
        connected.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connected.discard(connection)

    consumer = AIOKafkaConsumer("sanjian.alerts", bootstrap_servers=bootstrap, fetch_max_wait_ms=FETCH_WAIT_MS)
    await consumer.start()
    async with serve(stay, "127.0.0.1", 0, compression=None) as server:
        print(f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/", flush=True)
        async for record in consumer:
            broadcast(connected, record.value.decode())


def main() -> None:
    """Both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--alerts", type=int, default=300)
    parser.add_argument("--rate", type=float, default=5.0, help="alerts a second")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    parser.add_argument("--floor", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if given.floor:
        asyncio.run(serve_floor(given.floor))
        return
    if given.clients + 100 > most:
        sys.exit(f"a process may open {most} files; raise the limit (ulimit -Hn) or take fewer --clients")
    results: dict[str, Any] = {"clients": given.clients, "alerts": given.alerts, "rate": given.rate}
    for name, way in (("sanjian", sanjian), ("floor", floor)):
        stolen = Stolen()
        with tempfile.TemporaryDirectory(prefix="sanjian-bench-", ignore_cleanup_errors=True) as directory:
            results[name] = way(Path(directory), given) | {"stolen": stolen.share()}
        if not given.json:
            print(f"{name:8} " + "   ".join(f"{what} {value}" for what, value in results[name].items()), flush=True)
    print(orjson.dumps(results).decode())


if __name__ == "__main__":
    main()
