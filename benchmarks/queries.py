"""How fast the indicators answer with a year of a province, and whether it matters how many raw rows there are.

Two databases in one embedded engine: a year of 116 institutions and 19 tables, and the same days with ten times the
messages, rows and findings (``sanjian simulate --ledger-only``). Each named query is asked for one month of all
institutions, warm: ``ms`` is the median time, ``cpu_ms`` the least processor time of both cores together, which says
more on a machine that is busy with other work (``load``: at the beginning and at the end), ``ratio_10x`` the time in
the second database over that in the first. ``yardstick_ms`` is what a fixed piece of work took meanwhile: a shared
machine is not as fast every day. The last line is one JSON object.
``python -m benchmarks.queries [--orgs 116] [--days 365] [--data DIR] [--json]``
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query, query_names
from simulators.volume import Year, write
from standard.load import load
from standard.model import Standard

END = date(2026, 11, 20)
#: A whole month in the middle of the year: what people look at, and no edge of the data.
MONTH = (date(2026, 10, 1), date(2026, 10, 31))
#: The median of so many, after one that warms up.
TIMES = 5
#: How many times the messages, rows and findings.
TENFOLD = 10
#: Work that depends on nothing but the machine: grouping numbers by a hash, as the queries group codes.
YARDSTICK = (
    "SELECT max(n) FROM (SELECT cityHash64(number) % 50000 AS key, count() AS n FROM numbers(5000000) GROUP BY key)"
)
PARAMETER = re.compile(r"\{(\w+):")


def parameters(standard: Standard) -> dict[str, Any]:
    """Every parameter that a query may take: one month, all institutions, nothing filtered."""
    several = {column.name for table in standard.tables.values() for column in table.columns if len(column.maps) > 1}
    now = datetime(2026, 11, 21, 12, tzinfo=SHANGHAI)
    return {
        "biz_from": MONTH[0], "biz_to": MONTH[1], "now": now, "watermark": now, "by": "business", "step": "day",
        "org": "", "table": "", "city": "", "county": "", "type": "", "level": -1, "test": 0, "kind": "", "rule_id": "",
        "severity": "", "limit": 100, "offset": 0, "tolerance": 0.01, "maps": ["drug"], "both": sorted(several),
        "items": list(standard.catalogues["item"]),
    }  # fmt: skip


def names() -> list[str]:
    """The indicators' queries, and the state of days that the calendar and the watch share."""
    return ["day_states", *(name for name in query_names() if name.startswith("indicator_"))]


def seconds(clickhouse: ClickHouse, name: str, known: dict[str, Any]) -> tuple[float, float]:
    """Time of a query until its last row is here, and processor time (the engine is in this process)."""
    sql = load_query(name)
    wanted = {parameter: known[parameter] for parameter in set(PARAMETER.findall(sql))}
    started, worked = time.perf_counter(), time.process_time()
    clickhouse.query(sql, wanted)
    return time.perf_counter() - started, time.process_time() - worked


def yardstick(clickhouse: ClickHouse) -> float:
    """The least processor time of the yardstick, ms."""
    took = []
    for _ in range(TIMES):
        worked = time.process_time()
        clickhouse.query(YARDSTICK)
        took.append(time.process_time() - worked)
    return round(min(took) * 1000, 1)


def written(clickhouse: ClickHouse, year: Year, database: str, standard: Standard) -> None:
    """Write the year into a database of its own, unless it is there."""
    clickhouse.use(database)
    if not clickhouse.rows("SELECT name FROM system.tables WHERE database = {name:String} LIMIT 1", {"name": database}):
        started = time.perf_counter()
        counts = write(clickhouse, standard, year)
        print(f"{database}: {time.perf_counter() - started:.0f} s to write {counts}", file=sys.stderr)


def compared(clickhouse: ClickHouse, name: str, known: dict[str, Any], databases: Sequence[str]) -> dict[str, float]:
    """A query's figures in the first database, and its time in the second over that in the first, warm; asked in turn,
    so that whatever else the machine does meets both."""
    took: dict[str, list[tuple[float, float]]] = {database: [] for database in databases}
    for _ in range(TIMES + 1):
        for database in databases:
            clickhouse.use(database)
            took[database].append(seconds(clickhouse, name, known))
    once, more = (statistics.median(each for each, _ in took[database][1:]) for database in databases)
    worked = min(each for _, each in took[databases[0]][1:])
    return {"ms": round(once * 1000, 1), "cpu_ms": round(worked * 1000, 1), "ratio_10x": round(more / once, 2)}


@contextmanager
def directory(given: Path | None) -> Iterator[Path]:
    """The directory to work in: the given one, which stays, or one that goes."""
    if given is not None:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sanjian-queries-") as made:
        yield Path(made)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orgs", type=int, default=116)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--data", type=Path, default=None, help="keep the databases here, and use what is there")
    parser.add_argument("--json", action="store_true", help="only the last line")
    asked = parser.parse_args()
    standard = load()
    with directory(asked.data) as path, ClickHouse(f"chdb://{path}/clickhouse", memory_mb=4096) as clickhouse:
        year = Year.until(END, asked.orgs, asked.days)
        tenfold = Year.until(END, asked.orgs, asked.days, volume=TENFOLD, messages=TENFOLD)
        written(clickhouse, year, "year", standard)
        written(clickhouse, tenfold, "tenfold", standard)
        known = parameters(standard)
        load_before = os.getloadavg()[0]
        found = {name: compared(clickhouse, name, known, ("year", "tenfold")) for name in names()}
        fixed = yardstick(clickhouse)
        load_after = os.getloadavg()[0]
    if not asked.json:
        for name, row in found.items():
            times = f"{row['ms']:8.1f} ms {row['cpu_ms']:8.1f} ms of processors"
            print(f"{name:40} {times}   x{row['ratio_10x']:.2f} with ten times the rows")
    loads = [round(load_before, 1), round(load_after, 1)]
    print(orjson.dumps({"queries": found, "yardstick_ms": fixed, "load": loads}).decode())


if __name__ == "__main__":
    main()
