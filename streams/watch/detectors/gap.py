"""Gaps (漏传): nothing came until the end of grace. All tables of an institution and day are one condition."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names, minute


def detect(states: pl.DataFrame, names: Names) -> Found:
    """:param states: rows of day_states. What our own ingest cannot tell is unknown, incidents blame nobody."""
    owed = states.filter(pl.col("due_at").dt.epoch("ms") > 0)
    missing = owed.filter((pl.col("state") == "missing") & (pl.col("reason") != "incident"))
    found = Found()
    if missing.height:
        counts = owed.group_by("org", "biz_date").agg(pl.len().alias("owed"))
        cells = missing.sort("table").group_by("org", "biz_date", maintain_order=True)
        days = cells.agg("table", pl.col("due_at").min(), pl.col("grace_until").min())
        found.conditions.extend(
            _condition(row, names)
            for row in days.join(counts, on=["org", "biz_date"]).sort("biz_date", "org").to_dicts()
        )
    unclear = owed.filter(pl.col("state") == "unknown").select("org", "biz_date").unique()
    certain = {condition.key for condition in found.conditions}
    found.unknown.update({gap_key(org, day) for org, day in unclear.iter_rows()} - certain)
    return found


def gap_key(org: str, day: date) -> str:
    """One condition an institution and day."""
    return condition_key("gap", org, "", day)


def _condition(row: dict[str, Any], names: Names) -> Condition:
    tables, owed, due = row["table"], row["owed"], row["due_at"]
    whole = len(tables) == owed
    day = f"{row['biz_date']:%Y-%m-%d}"
    if whole:
        zh = f"{day} 应上传的 {owed} 张表全部未上传，截止 {minute(due)}"
        en = f"None of the {owed} tables due for {day} has arrived; they were due {minute(due)}"
    else:
        zh = f"{day} 有 {len(tables)} 张表未上传（应传 {owed} 张）：{names.list_zh(tables)}，截止 {minute(due)}"
        en = (
            f"{len(tables)} of {owed} tables due for {day} have not arrived: {names.list_en(tables)}; "
            f"they were due {minute(due)}"
        )
    return Condition(
        kind="gap", key=gap_key(row["org"], row["biz_date"]), org=row["org"],
        table=tables[0] if len(tables) == 1 else "", biz_date=row["biz_date"],
        severity="critical" if whole else "warning", numerator=len(tables), denominator=owed, threshold=0.0,
        zh=zh, en=en,
        fix_zh="请补传该日数据；当日确无业务的表，请上传 count 为 0 的批次并注明 biz_date。",
        fix_en="Upload the day's data. For a table without any business that day, send a batch with count 0 and "
               "its biz_date.",
        details={
            "tables": tables, "expected": owed, "due_at": due.isoformat(),
            "grace_until": row["grace_until"].isoformat(),
        },
    )  # fmt: skip
