"""Rows for tests: what is given, and defaults for the rest."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse

DAY = date(2026, 11, 21)


def at(text: str) -> datetime:
    """A Shanghai time from ``2026-11-21 08:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MORNING = at("2026-11-21 08:00")

_PLACE = {"topic_id": "T", "partition": 0, "offset": 0}
_OF = {"org": "org1", "table": "TB_HZXX"}
_TIMES = {"arrived_at": MORNING, "landed_at": MORNING}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "ledger": _PLACE
    | _OF
    | _TIMES
    | {
        "biz_date": DAY,
        "batch": "b1",
        "message_id": 0,
        "kind": "batch",
        "op": "upsert",
        "received": 0,
        "accepted": 0,
        "rejected": 0,
        "flagged": 0,
        "unreadable": 0,
        "repeated": 0,
        "findings": 0,
        "declared_empty": 0,
        "reason": "",
        "source_time": MORNING,
    },
    "findings": _PLACE
    | _OF
    | _TIMES
    | {"row": 1, "rule_id": "HZ-M-XM", "biz_date": DAY, "batch": "b1", "severity": "error", "row_key": "k1"},
    "rejected_rows": _PLACE | _OF | _TIMES | {"row": 1, "biz_date": DAY, "batch": "b1", "raw": "{}"},
    "unmapped_codes": _PLACE
    | _OF
    | _TIMES
    | {"biz_date": DAY, "map": "drug", "column": "YPBM", "code": "c1", "name": "n1", "rows": 1, "example_key": "k1"},
    "dead_letters": _PLACE | _OF | _TIMES | {"row": 0, "reason": "not_json", "bytes": b"{", "size": 1},
    "alerts": _PLACE | _OF | {"id": "a1", "raised_at": MORNING, "landed_at": MORNING, "payload": "{}"},
}


def put(client: ClickHouse, table: str, *rows: dict[str, Any]) -> None:
    """Inserts rows of a pipeline table; what a row does not say has a plain default."""
    frame = pl.DataFrame([_DEFAULTS[table] | row for row in rows], schema_overrides={"message_id": pl.UInt64})
    client.insert(table, frame)
