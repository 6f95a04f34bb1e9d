"""Volume: far fewer or far more rows than the same weekday's median of the last weeks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names, percent


def detect(bad: pl.DataFrame, states: pl.DataFrame, watermark: datetime, names: Names) -> Found:
    """:param bad: judgements that are a warning or critical, without days of incidents.

    Too few rows count when grace is over, until then more may come; too many count at once.
    """
    odd = bad.filter(pl.col("detector") == "volume").join(
        states.select("org", "table", "biz_date", "state", "grace_until"), on=["org", "table", "biz_date"], how="left"
    )
    over = (pl.col("state") == "partial") | ((pl.col("state") == "empty") & (pl.col("grace_until") <= watermark))
    wrong = odd.filter((pl.col("numerator") > pl.col("baseline")) | over)
    return Found([_condition(row, names) for row in wrong.sort("biz_date", "org", "table").to_dicts()])


def _condition(row: dict[str, Any], names: Names) -> Condition:
    rows, usual = row["numerator"], row["baseline"]
    day, low = f"{row['biz_date']:%Y-%m-%d}", row["numerator"] < row["baseline"]
    declared = row["state"] == "empty"
    zh = "声明为无业务，而" if declared else f"只有 {rows:.0f} 行，" if low else f"多达 {rows:.0f} 行，"
    en = "declared empty, while" if declared else f"only {rows:.0f} rows," if low else f"as many as {rows:.0f} rows,"
    ratio = percent(rows / usual)
    return Condition(
        kind="volume", key=condition_key("volume", row["org"], row["table"], row["biz_date"]), org=row["org"],
        table=row["table"], biz_date=row["biz_date"], severity=row["verdict"], numerator=rows, denominator=usual,
        threshold=row["critical"] if row["verdict"] == "critical" else row["warning"], baseline=usual,
        zh=f"{names.zh(row['table'])} {day} {zh}同星期的中位数为 {usual:.0f} 行（{ratio}）",
        en=f"{names.en(row['table'])} {day}: {en} the median of this weekday is {usual:.0f} ({ratio})",
        fix_zh="请核对是否漏传部分数据。" if low else "请核对是否重复上传或批量补传；属实的可标注说明后关闭。",
        fix_en="Check whether part of the data was not sent." if low else
               "Check for duplicate or bulk uploads; if it is right, close the case with a note.",
        details={"low": low, "declared_empty": declared, "spread": row["spread"]},
    )  # fmt: skip
