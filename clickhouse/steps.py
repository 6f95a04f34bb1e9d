"""Compare and set on a table of steps: of several writers of the same version exactly one has it.

ClickHouse has no transactions, but it drops an insert whose deduplication token it has seen, atomically. So the step
``version`` of ``id`` is inserted with a token made of both: the first writer's row is stored, every other one's is not.
Reading back who is in that version tells each writer whether it has the step. The token is remembered for as many
inserts as the table's ``non_replicated_deduplication_window`` says; a writer that slept longer finds the earlier row
when it reads back, and of several rows in one version only the earliest (``at``, ``writer``) counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from clickhouse.client import ClickHouse

MOMENT = pl.Datetime("ms", "Asia/Shanghai")


def take_step(clickhouse: ClickHouse, table: str, step: Mapping[str, Any], schema: Mapping[str, pl.DataType]) -> bool:
    """Write the step and say whether we have it. Blocks; raises NotNow (then take the next step from what is stored).

    :param step: a row of ``table`` with ``id``, ``version`` and ``at``; ``writer`` is set here.
    :param schema: Polars types of the columns of the step that are not clear from their values.
    """
    writer = uuid.uuid4().hex
    frame = pl.DataFrame([{**step, "writer": writer}], schema_overrides={"version": pl.UInt32, "at": MOMENT, **schema})
    clickhouse.insert_once(table, frame, f"{table}:{step['id']}:{step['version']}")
    return holder(clickhouse, table, str(step["id"]), int(step["version"])) == writer


def holder(clickhouse: ClickHouse, table: str, ident: str, version: int) -> str | None:
    """The writer that has a step; None when nobody has. Raises NotNow."""
    rows = clickhouse.rows(
        f"SELECT writer FROM `{table}` WHERE id = {{id:String}} AND version = {{version:UInt32}} "
        "ORDER BY at, writer LIMIT 1",
        {"id": ident, "version": version},
    )
    return str(rows[0]["writer"]) if rows else None


def now_ms(moment: datetime) -> datetime:
    """A zoned time cut to milliseconds, as ClickHouse keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
