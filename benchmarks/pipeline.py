"""How fast rows become landed rows: the pipeline, its floor, the whole path, and one object a row.

Same rows, same machine, one run; each way in a process of its own so that its peak memory is its own. The last line is
one JSON object. ``python -m benchmarks.pipeline [--rows 200000] [--json]``
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import orjson
import polars as pl

from benchmarks.row_model import charge_model, validate
from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.migrate import migrate
from clickhouse.orgs import Org, OrgStore
from sanjian.broker import EmbeddedBroker
from sanjian.settings import Settings
from simulators.load import TABLE, charge_keys, charge_maps, charge_orgs, charge_rows
from simulators.targets import KafkaTarget
from standard.load import load
from standard.model import MapKind
from streams.decide import Decider
from streams.land import Lander
from streams.ledger import Ledger
from streams.maps import CodeMaps
from streams.orgs import KnownOrgs
from streams.pipeline import Pipeline
from streams.producer import Sent
from streams.shape import MOMENT, Place
from streams.topics import Topic, ensure_topics
from streams.transport import RUNS_WAITING
from streams.typed import to_zone, typed_name, with_typed
from streams.worker import running_worker

MODES = ("floor", "pipeline", "end_to_end", "row_at_a_time")
#: As many messages as a run of the worker holds by default (8 MB of about 400 KB each).
RUN = 20
DISTINCT = "SELECT count() AS n FROM tb_mz_sfmxb FINAL"


@dataclass(frozen=True, slots=True)
class Message:
    """A record as the transport hands it over."""

    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


class Nowhere:
    """Publishes nothing: the pipeline without Kafka."""

    async def publish(self, topic: str, messages: Sequence[tuple[str, bytes, list[tuple[str, bytes]]]]) -> list[Sent]:
        """Says that all of them are at the beginning."""
        return [Sent(0, 0)] * len(messages)


def records(rows: int) -> list[Message]:
    """The feed as records of one partition."""
    now = int(time.time() * 1000)
    feed = zip(charge_keys(rows), charge_rows(rows), strict=True)
    return [Message(0, offset, now, key, value) for offset, (key, value) in enumerate(feed)]


def runs(messages: list[Message]) -> Iterator[list[Message]]:
    """In groups of RUN."""
    for start in range(0, len(messages), RUN):
        yield messages[start : start + RUN]


def prepared(clickhouse: ClickHouse) -> CodeMaps:
    """Tables made, institutions and maps registered; the maps in memory."""
    migrate(clickhouse)
    standard = load()
    OrgStore(clickhouse).save(Org(**asdict(org)) for org in charge_orgs())
    store, maps = CodeMapStore(clickhouse), CodeMaps(standard)
    for org, own in zip(charge_orgs(), charge_maps(), strict=True):
        for kind in get_args(MapKind):
            entries = [entry for entry in own.entries() if entry["map"] == kind]
            version = store.save(org.org, kind, [MapEntry(**entry) for entry in entries], "benchmark")
            maps.apply(org.org, kind, entries, version)
    return maps


def floor(clickhouse: ClickHouse, rows: int) -> float:
    """Parse, cast, insert: no rules, no maps, no findings, no ledger."""
    prepared(clickhouse)
    table = load().tables[TABLE]
    names = {column.name: pl.String for column in table.columns}
    messages = records(rows)
    started = time.perf_counter()
    for run in runs(messages):
        content = b"\n".join(message.value.partition(b"\n")[2] for message in run)
        frame = with_typed(pl.read_ndjson(content, schema=names), table)
        clickhouse.insert("tb_mz_sfmxb", _landed(frame, run[0].offset))
    return time.perf_counter() - started


def _landed(frame: pl.DataFrame, offset: int) -> pl.DataFrame:
    columns: list[Any] = []
    for column in load().tables[TABLE].columns:
        name = column.name.lower()
        if column.type == "number":
            columns.append(pl.col(typed_name(column.name)).alias(name))
        elif column.type == "timestamp":
            columns.append(to_zone(frame[typed_name(column.name)]).alias(name))
        else:
            columns.append(pl.col(column.name).fill_null("").alias(name))
    meta = pl.lit(datetime.now(UTC)).cast(MOMENT).alias("_arrived_at")
    return frame.select(*columns, meta, pl.lit(offset, pl.UInt64).alias("_version"))


def pipeline(clickhouse: ClickHouse, rows: int) -> float:
    """Decode, decide, land with ledger and findings; no Kafka."""
    maps = prepared(clickhouse)
    orgs = KnownOrgs(clickhouse)
    orgs.refresh()
    lander = Lander(clickhouse, Nowhere(), Topic("alerts", "benchmark", 1), "deadletters", 5.0)
    decider = Decider(load())
    place = Place("his.changes", "benchmark", "benchmark", decider.standard.version)
    work = Pipeline(decider, maps, orgs, Ledger(clickhouse, "benchmark"), lander, place, 8 << 20)
    messages = records(rows)

    async def all_runs() -> float:
        started = time.perf_counter()
        ahead: deque[tuple[list[Message], asyncio.Task[Any]]] = deque()
        for run in runs(messages):  # as the transport does: the next runs are prepared while one is landed
            ahead.append((run, asyncio.create_task(work.prepare(run))))
            if len(ahead) > RUNS_WAITING:
                await work.work(*ahead.popleft())
        while ahead:
            await work.work(*ahead.popleft())
        return time.perf_counter() - started

    return asyncio.run(all_runs())


def end_to_end(clickhouse: ClickHouse, rows: int) -> float:
    """The topic is filled; from the worker's first record to the last ledger row."""
    prepared(clickhouse)
    settings = Settings(data_dir=Path(tempfile.mkdtemp(prefix="sanjian-bench-")), partitions=3)
    with EmbeddedBroker(settings.data_dir / "broker.log") as broker:
        topics = ensure_topics(settings, [broker.bootstrap])
        feed = zip(charge_keys(rows), charge_rows(rows), strict=True)
        with KafkaTarget([broker.bootstrap], settings.changes_topic) as target:
            for key, value in feed:
                target.produce(key, value)
        return asyncio.run(_worked(settings, clickhouse, broker, topics, rows))


async def _worked(settings: Settings, clickhouse: ClickHouse, broker: EmbeddedBroker, topics: Any, rows: int) -> float:
    moments: list[float] = []
    async with running_worker(
        settings, clickhouse, load(), [broker.bootstrap], topics, lambda step: moments.append(time.perf_counter())
    ) as worker:
        original = worker.pipeline.work
        total = 0
        while total < rows:
            await asyncio.sleep(0.05)
            assert not worker.failed.done()
            found = await asyncio.to_thread(clickhouse.rows, "SELECT sum(received) AS n FROM ledger")
            total = found[0]["n"]
        assert original is not None
    first_run_ms = clickhouse.rows("SELECT min(work_ms) AS ms FROM ledger WHERE offset = 0")[0]["ms"]
    return moments[-1] - moments[0] + first_run_ms / 1000


def row_at_a_time(clickhouse: ClickHouse, rows: int) -> float:
    """Each row a Pydantic object with the same rules, the passing ones inserted in the same batches."""
    maps = prepared(clickhouse)
    standard = load()
    model = charge_model(standard.tables[TABLE])
    model.standard, model.maps = standard, maps
    names = {column.name: pl.String for column in standard.tables[TABLE].columns}
    messages = records(rows)
    rejected = 0
    started = time.perf_counter()
    for run in runs(messages):
        passed: list[Any] = []
        for message in run:
            model.sender = message.key.decode()
            model.arrived = datetime.fromtimestamp(message.timestamp / 1000 + 8 * 3600, UTC).replace(tzinfo=None)
            lines = message.value.split(b"\n")[1:]
            good, bad = validate(model, [orjson.loads(line) for line in lines])
            passed += good
            rejected += bad
        texts = [{name: None if value is None else str(value) for name, value in row.items()} for row in passed]
        frame = with_typed(pl.DataFrame(texts, schema=names), standard.tables[TABLE])
        clickhouse.insert("tb_mz_sfmxb", _landed(frame, run[0].offset))
    seconds = time.perf_counter() - started
    assert rejected == rows // 100, f"{rejected} rows rejected, the feed has {rows // 100} faulty ones"
    return seconds


def measure(mode: str, rows: int) -> dict[str, float]:
    """Run one way in this process."""
    with (
        tempfile.TemporaryDirectory(prefix="sanjian-bench-", ignore_cleanup_errors=True) as directory,
        ClickHouse(f"chdb://{directory}/clickhouse", memory_mb=2048) as clickhouse,
    ):
        seconds = globals()[mode](clickhouse, rows)
        landed = clickhouse.rows(DISTINCT)[0]["n"]
    expected = rows if mode == "floor" else rows - rows // 100
    assert landed == expected, f"{mode} landed {landed} rows instead of {expected}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows_per_s": round(rows / seconds), "peak_mb": round(peak)}


def main() -> None:
    """Print progress and, last, one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    given = parser.parse_args()
    if given.mode:
        print(orjson.dumps(measure(given.mode, given.rows)).decode())
        return
    results: dict[str, Any] = {"rows": given.rows, "table": TABLE, "columns": len(load().tables[TABLE].columns)}
    for mode in MODES:
        command = [sys.executable, "-m", "benchmarks.pipeline", "--mode", mode, "--rows", str(given.rows)]
        done = subprocess.run(command, capture_output=True, check=False, env=os.environ)
        if done.returncode:
            sys.exit(done.stderr.decode())
        results[mode] = orjson.loads(done.stdout.splitlines()[-1])
        if not given.json:
            print(f"{mode:14} {results[mode]['rows_per_s']:>9,} rows/s  peak {results[mode]['peak_mb']:>6,} MB")
    speed = {mode: results[mode]["rows_per_s"] for mode in MODES}
    results["ratios"] = {
        "pipeline_to_floor": round(speed["pipeline"] / speed["floor"], 2),
        "end_to_end_to_floor": round(speed["end_to_end"] / speed["floor"], 2),
        "pipeline_to_row_at_a_time": round(speed["pipeline"] / speed["row_at_a_time"], 1),
    }
    print(orjson.dumps(results).decode())


if __name__ == "__main__":
    main()
