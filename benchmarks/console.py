"""A hundred open live monitors while institutions send: how old is what they show, and what does it cost the server.

``sanjian up`` in an empty directory, six simulated institutions that send at a steady rate, sessions of four circles
(all, province, city, county). Planted batches of a seventh institution are followed to every monitor: from the moment
they landed (the ledger's ``landed_at``) and from the broker's confirmation to the arrival of the cell with their rows.
The server's processor time is read with no monitor, with one and with all. The last line is one JSON object.
``python -m benchmarks.console [--sessions 100] [--plantings 40] [--rate 200] [--json]``
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from aiokafka import AIOKafkaProducer

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.principal import Assignment
from benchmarks.up import Stolen, Up, ended, processor_seconds, up
from benchmarks.viewers import Viewer
from sanjian.access import Access, find
from sanjian.settings import Settings
from simulators.load import TABLE, charge_rows
from simulators.messages import header
from simulators.orgs import Org, make_orgs
from standard.load import load

#: The feed is under way, sums are made and checks of what landed are run: what the server does without any monitor.
FEED_SECONDS = 60.0
#: All monitors are open, the page's code is loaded.
SETTLE_SECONDS = 15.0
#: Processor time is read over so long.
CPU_SECONDS = 30.0
#: What is not shown by then is lost.
LAST_SECONDS = 30.0
SENDING, SEED, PASSWORD = 6, 1, "Benchmarks-at-noon-9"
ROWS = 5


def planted(org: Org, number: int, day: str) -> bytes:
    """A batch of five new rows of ``day``."""
    _, _, body = next(iter(charge_rows(ROWS))).partition(b"\n")
    dated = load().tables[TABLE].biz_date
    rows = [orjson.loads(line) for line in body.split(b"\n")]
    for place, row in enumerate(rows):
        row |= {"YLJGDM": org.org, "SFMXID": f"PLANTED{number:06d}{place}", dated: day + row[dated][len(day) :]}
    head = header(org.org, TABLE, f"planted-{number}", datetime.now(UTC), len(rows))
    return head + b"\n" + b"\n".join(map(orjson.dumps, rows))


async def load_of(pid: int) -> float:
    """Cores that a process uses, over CPU_SECONDS."""
    before, begun = processor_seconds(pid), time.perf_counter()
    await asyncio.sleep(CPU_SECONDS)
    return (processor_seconds(pid) - before) / (time.perf_counter() - begun)


def people(directory: Path, org: Org) -> list[str]:
    """Somebody for each circle that the planted institution lies in."""
    accounts = Accounts.open(Settings(data_dir=directory))
    by, names = By("system:benchmark"), []
    try:
        for scope in ("000000", f"{org.city[:2]}0000", org.city, org.county):
            names.append(f"viewer{scope}")
            accounts.users.add(by, names[-1], Assignment("operator", scope=scope), names[-1])
            accounts.users.own_choice(by, names[-1], PASSWORD)
    finally:
        accounts.close()
    return names


async def sessions(url: str, names: list[str], number: int) -> list[str]:
    """The cookie of each session, logged in one by one."""
    found = []
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        for place in range(number):
            login = {"name": names[place % len(names)], "password": PASSWORD}
            answer = await http.post("/api/v1/session", json=login)
            answer.raise_for_status()
            found.append(f"sanjian={answer.cookies['sanjian']}")
            http.cookies.clear()
    return found


def feeding(kafka: str, rate: float) -> subprocess.Popen[bytes]:
    """The institutions send, in a process of their own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sanjian", "simulate", "--scenario", "clean", "--orgs", str(SENDING), "--days", "20",
         "--rate", str(rate), "--no-backdate", "--to", kafka, "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


async def plant(bootstrap: str, org: Org, number: int) -> dict[int, float]:
    """Send batches irregularly; rows sent so far → when the broker had them."""
    day = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    rng, sent = random.Random(SEED), {}
    try:
        for place in range(number):
            await producer.send_and_wait("his.changes", planted(org, place, day), key=org.org.encode())
            sent[(place + 1) * ROWS] = time.time()
            await asyncio.sleep(rng.uniform(0.7, 1.7))
    finally:
        await producer.stop()
    return sent


async def landed(http: httpx.AsyncClient, org: Org) -> dict[int, float]:
    """Rows landed so far → when."""
    answer = await http.get("/api/v1/batches", params={"org": org.org, "limit": 1000})
    answer.raise_for_status()
    by_batch = {one["batch"]: one["landed_at"] for one in answer.json()["batches"]}
    return {
        (int(batch.removeprefix("planted-")) + 1) * ROWS: datetime.fromisoformat(at).timestamp()
        for batch, at in by_batch.items()
    }


def arrivals(viewer: Viewer, wanted: dict[int, float]) -> list[float]:
    """Milliseconds from each moment until the monitor showed at least so many rows."""
    found = []
    for so_many, begun in wanted.items():
        shown = [at for rows, at in viewer.seen.counts.items() if rows >= so_many]
        if shown:
            found.append((min(shown) - begun) * 1000)
    return found


def summary(values: list[float], prefix: str = "") -> dict[str, float]:
    """p50, p95 and p99 in milliseconds."""
    cuts = statistics.quantiles(values, n=100)
    return {f"{prefix}p{cut}_ms": round(cuts[cut - 1], 1) for cut in (50, 95, 99)}


async def measured(server: Up, given: argparse.Namespace) -> dict[str, Any]:
    """Open the monitors, plant, read."""
    url, pid, org = server.url, server.pid, make_orgs(SENDING + 1, SEED)[-1]
    names = await asyncio.to_thread(people, server.directory, org)
    async with httpx.AsyncClient(base_url=url, auth=Access(*find(server.directory)), timeout=60) as http:
        for one in make_orgs(SENDING + 1, SEED):
            body = {"org": one.org, "name": one.name, "city": one.city, "county": one.county, "level": one.level}
            (await http.post("/api/v1/orgs", json=body)).raise_for_status()
        cookies = await sessions(url, names, given.sessions)
        with ended(feeding(server.runtime["kafka"], given.rate)) as feed:
            await asyncio.sleep(FEED_SECONDS)
            cores = {"cpu_0": await load_of(pid)}
            async with httpx.AsyncClient(timeout=120) as browser:
                viewers = [Viewer(url, cookie, org.org) for cookie in cookies]
                await viewers[0].open(browser)
                cores["cpu_1"] = await load_of(pid)
                for viewer in viewers[1:]:
                    await viewer.open(browser)
            await asyncio.sleep(SETTLE_SECONDS)
            cores[f"cpu_{given.sessions}"] = await load_of(pid)
            print(f"{given.sessions} monitors are open: {cores}", file=sys.stderr)
            for viewer in viewers:
                viewer.seen.frames.clear()
            sent = await plant(server.bootstrap, org, given.plantings)
            deadline = time.monotonic() + LAST_SECONDS
            while time.monotonic() < deadline and any(max(v.seen.counts, default=0) < max(sent) for v in viewers):
                await asyncio.sleep(0.2)
            fed = feed.poll() is None
            stored = await landed(http, org)
            for viewer in viewers:
                await viewer.close()
    shown = [one for viewer in viewers for one in arrivals(viewer, stored)]
    lost = len(viewers) * given.plantings - len(shown)
    frames = [frame for viewer in viewers for frame in viewer.seen.frames]
    return {
        "sessions": given.sessions, "plantings": given.plantings, "lost": lost, "rate": given.rate,
        "fed_throughout": fed,
        **summary(shown),
        **summary([one for viewer in viewers for one in arrivals(viewer, sent)], "sent_"),
        **summary([age for age, _ in frames], "frame_"),
        "frame_bytes": round(statistics.mean(size for _, size in frames)), "frames": len(frames),
        **{name: round(value, 3) for name, value in cores.items()}, "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def main() -> None:
    """Start ``sanjian up`` on an empty directory, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--plantings", type=int, default=40)
    parser.add_argument("--rate", type=float, default=200.0, help="rows a second that the institutions send")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    given = parser.parse_args()
    stolen = Stolen()
    with (
        tempfile.TemporaryDirectory(prefix="sanjian-bench-", ignore_cleanup_errors=True) as name,
        up(Path(name)) as server,
    ):
        result = asyncio.run(measured(server, given)) | {"stolen": stolen.share()}
    if not given.json:
        print(
            f"{given.sessions} sessions: landed → shown p50 {result['p50_ms']} ms, p95 {result['p95_ms']} ms; "
            f"cores {result['cpu_0']} → {result['cpu_1']} → {result[f'cpu_{given.sessions}']}"
        )
    print(orjson.dumps(result).decode())


if __name__ == "__main__":
    main()
