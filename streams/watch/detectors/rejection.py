"""Standing rejections (拒收): rows that were rejected and have not been accepted since, a condition a table.

Rows without a readable business date belong to no day that is watched: they are a condition a table and day of arrival.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names
from streams.watch.thresholds import Thresholds


def detect(standing: pl.DataFrame, undated: pl.DataFrame, thresholds: Thresholds, names: Names) -> Found:
    """:param standing: rows of watch_standing, of the days that are watched.
    :param undated: rows of watch_undated, that came on the days that are watched.
    """

    def limit(row: dict[str, Any]) -> float:
        return thresholds.value("rejection_rows", row["org"], row["table"])

    dated = [row for row in standing.sort("org", "table").to_dicts() if row["standing"] >= limit(row)]
    without = [row for row in undated.sort("day", "org", "table").to_dicts() if row["standing"] >= limit(row)]
    return Found(
        [_condition(row, limit(row), names) for row in dated] + [_undated(row, limit(row), names) for row in without]
    )


def _condition(row: dict[str, Any], limit: float, names: Names) -> Condition:
    first, last = f"{row['first_day']:%Y-%m-%d}", f"{row['last_day']:%Y-%m-%d}"
    zh, en = f"{first} 至 {last}，共 {row['days']} 天", f"{row['days']} days ({first} to {last})"
    if first == last:
        zh = en = first
    return Condition(
        kind="rejection", key=condition_key("rejection", row["org"], row["table"], None), org=row["org"],
        table=row["table"], biz_date=None, severity="warning", numerator=row["standing"], denominator=row["days"],
        threshold=limit,
        zh=f"{names.zh(row['table'])} 有 {row['standing']} 行被拒收后尚未更正（{zh}）",
        en=f"{names.en(row['table'])}: {row['standing']} rejected rows of {en} have not been corrected",
        fix_zh="请下载错误明细，更正后以相同主键重新上传。",
        fix_en="Download the error detail, correct the rows and send them again with the same keys.",
        details={"days": row["days"], "first_day": first, "last_day": last},
    )  # fmt: skip


def _undated(row: dict[str, Any], limit: float, names: Names) -> Condition:
    day = row["day"]
    return Condition(
        kind="rejection", key=condition_key("rejection", row["org"], row["table"], day, "undated"), org=row["org"],
        table=row["table"], biz_date=day, severity="warning", numerator=row["standing"], denominator=1,
        threshold=limit,
        zh=f"{names.zh(row['table'])} {day:%Y-%m-%d} 收到的数据中有 {row['standing']} 行业务日期无法识别，"
           "被拒收后尚未更正",
        en=f"{names.en(row['table'])}: {row['standing']} rejected rows that came on {day:%Y-%m-%d} have no readable "
           "business date and have not been corrected",
        fix_zh="请按标准格式填写业务日期，以相同主键重新上传；更正前不计入任何一天。",
        fix_en="Write the business date as the standard says and send the rows again with the same keys; until then "
               "they belong to no day.",
        details={"days": 1, "first_day": f"{day:%Y-%m-%d}", "last_day": f"{day:%Y-%m-%d}", "undated": True},
    )  # fmt: skip
