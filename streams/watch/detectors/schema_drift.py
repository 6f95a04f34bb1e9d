"""Schema drift: the newest upload of a table has columns that the standard does not know. They are not stored."""

from __future__ import annotations

from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import NAMED, Found, Names


def detect(drift: pl.DataFrame, names: Names) -> Found:
    """:param drift: rows of watch_drift."""
    return Found([_condition(row, names) for row in drift.sort("org", "table").to_dicts()])


def _condition(row: dict[str, Any], names: Names) -> Condition:
    columns = row["columns"]
    listed, more = ", ".join(columns[:NAMED]), " …" if len(columns) > NAMED else ""
    return Condition(
        kind="schema_drift", key=condition_key("schema_drift", row["org"], row["table"], None), org=row["org"],
        table=row["table"], biz_date=None, severity="info", numerator=row["messages"], denominator=row["of"],
        threshold=0.0,
        zh=f"{names.zh(row['table'])} 出现标准之外的列：{listed}{more}"
           f"（近期 {row['of']} 个批次中的 {row['messages']} 个）",
        en=f"{names.en(row['table'])} has columns that the standard does not know: {listed}{more} "
           f"({row['messages']} of {row['of']} recent batches)",
        fix_zh="多出的列不入库。请核对接口改动；若为改名，原列的数据已经缺失。",
        fix_en="These columns are not stored. Check what changed; if a column was renamed, its data are missing.",
        details={"columns": columns, "since": row["first_at"].isoformat()},
    )  # fmt: skip
