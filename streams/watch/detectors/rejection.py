"""Standing rejections (拒收): rows that were rejected and have not been accepted since, a condition a table."""

from __future__ import annotations

from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names
from streams.watch.thresholds import Thresholds


def detect(standing: pl.DataFrame, thresholds: Thresholds, names: Names) -> Found:
    """:param standing: rows of watch_standing, of the days that are watched."""
    return Found(
        [
            _condition(row, limit, names)
            for row in standing.sort("org", "table").to_dicts()
            if row["standing"] >= (limit := thresholds.value("rejection_rows", row["org"], row["table"]))
        ]
    )


def _condition(row: dict[str, Any], limit: float, names: Names) -> Condition:
    first, last = f"{row['first_day']:%Y-%m-%d}", f"{row['last_day']:%Y-%m-%d}"
    return Condition(
        kind="rejection", key=condition_key("rejection", row["org"], row["table"], None), org=row["org"],
        table=row["table"], biz_date=None, severity="warning", numerator=row["standing"], denominator=row["days"],
        threshold=limit,
        zh=f"{names.zh(row['table'])} 有 {row['standing']} 行被拒收后尚未更正"
           f"（{first} 至 {last}，共 {row['days']} 天）",
        en=f"{names.en(row['table'])}: {row['standing']} rejected rows of {row['days']} days ({first} to {last}) have "
           "not been corrected",
        fix_zh="请下载错误明细，更正后以相同主键重新上传。",
        fix_en="Download the error detail, correct the rows and send them again with the same keys.",
        details={"days": row["days"], "first_day": first, "last_day": last},
    )  # fmt: skip
