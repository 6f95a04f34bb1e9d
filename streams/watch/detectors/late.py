"""Late (迟传): due, nothing came yet, and grace is still running. Afterwards it is a gap, or it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names, minute


def detect(states: pl.DataFrame, now: datetime, watermark: datetime, names: Names) -> Found:
    """:param watermark: what arrived before it has landed; what was due after it is unknown."""
    due = pl.max_horizontal("due_at", "excused_until")
    owed = states.filter(pl.col("due_at").dt.epoch("ms") > 0)
    waiting = owed.filter((pl.col("state") == "pending") & (due <= now))
    counts = owed.group_by("org", "biz_date").agg(pl.len().alias("owed"))
    sure = waiting.filter(due <= watermark).sort("table").group_by("org", "biz_date", maintain_order=True)
    days = sure.agg("table", pl.col("due_at").min(), pl.col("grace_until").min())
    found = Found()
    for row in days.join(counts, on=["org", "biz_date"]).sort("biz_date", "org").to_dicts():
        found.conditions.append(_condition(row, names))
    unsure = waiting.filter(due > watermark).select("org", "biz_date").unique()
    certain = {condition.key for condition in found.conditions}
    found.unknown.update({condition_key("late", org, "", day) for org, day in unsure.iter_rows()} - certain)
    return found


def _condition(row: dict[str, Any], names: Names) -> Condition:
    tables, owed, grace = row["table"], row["owed"], row["grace_until"]
    day = f"{row['biz_date']:%Y-%m-%d}"
    return Condition(
        kind="late", key=condition_key("late", row["org"], "", row["biz_date"]), org=row["org"],
        table=tables[0] if len(tables) == 1 else "", biz_date=row["biz_date"], severity="info",
        numerator=len(tables), denominator=owed, threshold=0.0,
        zh=f"{day} 已过上传时限，{len(tables)} 张表尚未上传：{names.list_zh(tables)}；{minute(grace)} 后记为漏传",
        en=f"{len(tables)} tables of {day} are late: {names.list_en(tables)}; missing after {minute(grace)}",
        fix_zh="请尽快上传该日数据。", fix_en="Upload the day's data soon.",
        details={
            "tables": tables, "expected": owed, "due_at": row["due_at"].isoformat(), "grace_until": grace.isoformat()
        },
    )  # fmt: skip
