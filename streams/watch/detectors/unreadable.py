"""Unreadable (死信): messages and rows that could not be read and were neither redriven nor sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from streams.reasons import UNREADABLE
from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names

#: Whoever has not sent it again within a week will not; the dead letters stay in the list of dead letters.
OPEN_FOR = timedelta(days=7)


def detect(letters: pl.DataFrame, names: Names) -> Found:
    """:param letters: rows of watch_letters since OPEN_FOR. Without a sender they are a condition of our own."""
    return Found([_condition(row, names) for row in letters.sort("org", "table").to_dicts()])


def _condition(row: dict[str, Any], names: Names) -> Condition:
    reasons = [UNREADABLE[reason] for reason in row["reasons"] if reason in UNREADABLE]
    zh, en = "；".join(reason[0] for reason in reasons), "; ".join(reason[1] for reason in reasons)
    table_zh, table_en = (
        (names.zh(row["table"]), names.en(row["table"])) if row["table"] else ("未知表", "unknown table")
    )
    return Condition(
        kind="unreadable", key=condition_key("unreadable", row["org"], row["table"], None), org=row["org"],
        table=row["table"], biz_date=None, severity="warning", numerator=row["letters"], denominator=0.0, threshold=0.0,
        zh=f"{table_zh} 近 {OPEN_FOR.days} 天有 {row['letters']} 条无法读取且未重传：{zh}",
        en=f"{table_en}: {row['letters']} messages or rows of the last {OPEN_FOR.days} days could not be read and were "
           f"not sent again: {en}",
        fix_zh="请按死信中的原因改正后，以相同批次号重新上传。",
        fix_en="Mend what the dead letters say and send the same batches again.",
        details={"reasons": row["reasons"], "last_at": row["last_at"].isoformat()},
    )  # fmt: skip
