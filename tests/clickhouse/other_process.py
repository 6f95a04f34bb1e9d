"""What tests run in a process of its own: ``python -m tests.clickhouse.other_process insert|read PATH``.

``insert`` writes numbered batches of ten rows, each twice with the same token, and prints a number when both are
acknowledged; ``read`` prints how often each number is there, as JSON.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import polars as pl

from clickhouse.client import ClickHouse
from sanjian.errors import Misconfigured

TABLE = """
CREATE TABLE IF NOT EXISTS batches (batch UInt64, row UInt8, text String)
ENGINE = MergeTree ORDER BY batch SETTINGS non_replicated_deduplication_window = 1000
"""


def insert(client: ClickHouse) -> None:
    """Inserts until it is killed."""
    client.command(TABLE)
    for batch in itertools.count():
        frame = pl.DataFrame({"batch": [batch] * 10, "row": range(10), "text": ["x" * 1000] * 10})
        for _ in range(2):
            client.insert("batches", frame, token=f"batch {batch}")
        print(batch, flush=True)


def main() -> int:
    """Exit code 2 and a sentence when the engine cannot be opened."""
    mode, path = sys.argv[1:]
    try:
        client = ClickHouse(f"chdb://{path}")
    except Misconfigured as error:
        print(error, file=sys.stderr)
        return 2
    with client:
        if mode == "insert":
            insert(client)
        rows = client.rows("SELECT batch, count() AS n FROM batches GROUP BY batch ORDER BY batch")
        left = [file.name for file in Path(path, "inserts").iterdir()]
        print(json.dumps({"batches": [[row["batch"], row["n"]] for row in rows], "left": left}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
