"""How fast every panel of every board answers: a month of a province of 116 institutions, in the embedded engine.

Each panel's SQL as ClickHouse gets it, everything chosen, warm: ``ms`` is the median time until the last row is here.
The aim is a second a panel. The last line is one JSON object: the slowest panels, and the load of the machine.
``python -m benchmarks.boards [--orgs 116] [--days 62] [--data DIR] [--json]``
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from benchmarks.queries import directory, written
from clickhouse.client import SHANGHAI, ClickHouse
from grafana.catalogue import BOARDS
from grafana.macros import All, Dashboard, expand
from grafana.model import Panel
from simulators.volume import Year
from standard.load import load

#: The median of so many, after one that warms up.
TIMES = 3
AIM_MS = 1000
#: So many of the slowest are reported.
SHOWN = 15


def looked_at(now: datetime, org: str) -> Dashboard:
    """A month with everything chosen, and one institution where a board is about one."""
    month = (now - timedelta(days=now.day)).strftime("%Y-%m")  # the last whole one
    chosen: dict[str, str | list[str] | All] = {
        "month": month, "map": ["department", "fee", "drug", "item"], "level": All("'-1'"),
        **dict.fromkeys(("city", "type", "table"), All("''")), "org": org or All("''"),
    }  # fmt: skip
    return Dashboard(now - timedelta(days=30), now, 3600, chosen)


def milliseconds(clickhouse: ClickHouse, sql: str) -> float:
    """The median time of a query."""
    took = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        clickhouse.query(sql)
        took.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(took[1:]), 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orgs", type=int, default=116)
    parser.add_argument("--days", type=int, default=62)
    parser.add_argument("--data", type=Path, default=None, help="keep the database here, and use what is there")
    parser.add_argument("--json", action="store_true", help="only the last line")
    asked = parser.parse_args()
    now = datetime.now(SHANGHAI)
    load_before = os.getloadavg()[0]
    found: dict[str, float] = {}
    with directory(asked.data) as path, ClickHouse(f"chdb://{path}/clickhouse", memory_mb=4096) as clickhouse:
        year = Year.until(now.date(), asked.orgs, asked.days)
        clickhouse.use("boards")
        written(clickhouse, year, "boards", load())
        for board in BOARDS:
            seen = looked_at(now, year.orgs[0].org if board.uid == "sanjian-org" else "")
            for panel in board.panels:
                if isinstance(panel, Panel):
                    sql = expand(panel.sql, seen)
                    found[f"{board.uid}/{panel.query}/{panel.ident}"] = milliseconds(clickhouse, sql)
    slowest = dict(sorted(found.items(), key=lambda one: -one[1])[:SHOWN])
    if not asked.json:
        for name, took in slowest.items():
            print(f"{name:60} {took:8.1f} ms")
    report = {
        "panels": len(found), "above_aim": sum(took > AIM_MS for took in found.values()), "slowest_ms": slowest,
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
    }  # fmt: skip
    print(orjson.dumps(report).decode())


if __name__ == "__main__":
    main()
