"""From producing a lone batch with one rejected row to the alert at a websocket client, beside a bare
produce → consume of the same broker. The last line is one JSON object.

``python -m benchmarks.alert_latency [--messages 200] [--json]``
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from websockets.asyncio.client import connect

from benchmarks.up import Stolen, Up, up
from sanjian.access import Access, find
from simulators.load import TABLE, charge_orgs, charge_rows
from simulators.messages import header

#: One message at a time, with pauses: what is measured is a lone batch, not a queue.
PAUSE = 0.05
ANSWER_SECONDS = 30


def lone_batch(number: int) -> tuple[str, bytes]:
    """A batch of five rows of the first institution, the last one rejected (no ordering doctor); all ids are new."""
    org = charge_orgs()[0].org
    _, _, body = next(iter(charge_rows(5))).partition(b"\n")
    rows = [orjson.loads(line) for line in body.split(b"\n")]
    for place, row in enumerate(rows):
        row["SFMXID"] = f"LONE{number:06d}{place}"
    del rows[-1]["KDYSBH"]
    head = header(org, TABLE, f"lone-{number}", datetime.now(UTC), len(rows))
    return org, head + b"\n" + b"\n".join(map(orjson.dumps, rows))


async def alert_milliseconds(server: Up, messages: int, org: str) -> list[float]:
    """Produce, and wait for the alert of just that batch at the websocket."""
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap, acks="all")
    await producer.start()
    url = server.url.replace("http", "ws", 1) + "/api/v1/alerts"
    took = []
    try:
        async with connect(url, additional_headers=await Access(*find(server.directory)).headers()) as client:
            for number in range(messages):
                _, value = lone_batch(number)
                started = time.perf_counter()
                await producer.send_and_wait("his.changes", value, key=org.encode())
                async with asyncio.timeout(ANSWER_SECONDS):
                    while orjson.loads(await client.recv()).get("batch") != f"lone-{number}":
                        continue
                took.append((time.perf_counter() - started) * 1000)
                await asyncio.sleep(PAUSE)
    finally:
        await producer.stop()
    return took


async def bare_milliseconds(bootstrap: str, messages: int, org: str) -> list[float]:
    """Produce the same bytes and consume them, without Sanjian: what the broker alone costs."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    consumer = AIOKafkaConsumer(
        "his.deadletters", bootstrap_servers=bootstrap, fetch_max_wait_ms=50, auto_offset_reset="latest"
    )
    await producer.start()
    await consumer.start()
    took = []
    try:
        await consumer.getmany(timeout_ms=500)
        for number in range(messages):
            _, value = lone_batch(number)
            started = time.perf_counter()
            await producer.send_and_wait("his.deadletters", value, key=org.encode())
            async with asyncio.timeout(ANSWER_SECONDS):
                while not await consumer.getmany(timeout_ms=1000):
                    continue
            took.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(PAUSE)
    finally:
        await consumer.stop()
        await producer.stop()
    return took


def summary(took: list[float]) -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    return {
        "p50_ms": round(statistics.median(took), 1),
        "p99_ms": round(statistics.quantiles(took, n=100)[98], 1),
    }


def register(server: Up) -> None:
    """Make the benchmark's institutions known to a running server."""
    who = Access(*find(server.directory))
    for org in charge_orgs():
        body = {"org": org.org, "name": org.name}
        answer = httpx.post(f"{server.url}/api/v1/orgs", json=body, auth=who)
        answer.raise_for_status()


def main() -> None:
    """Start ``sanjian up`` on an empty directory, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    given = parser.parse_args()
    stolen = Stolen()
    with (
        tempfile.TemporaryDirectory(prefix="sanjian-bench-", ignore_cleanup_errors=True) as name,
        up(Path(name)) as server,
    ):
        register(server)
        org = charge_orgs()[0].org
        asyncio.run(alert_milliseconds(server, 10, org))  # the first ones open files and compile expressions
        alerts = asyncio.run(alert_milliseconds(server, given.messages, org))
        bare = asyncio.run(bare_milliseconds(server.bootstrap, given.messages, org))
    results: dict[str, Any] = {"messages": given.messages, "alert": summary(alerts), "bare": summary(bare)}
    results["stolen"] = stolen.share()
    if not given.json:
        for what in ("alert", "bare"):
            print(f"{what:6} p50 {results[what]['p50_ms']:>7} ms   p99 {results[what]['p99_ms']:>7} ms")
    print(orjson.dumps(results).decode())


if __name__ == "__main__":
    main()
