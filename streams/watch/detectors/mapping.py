"""Code mapping (对码): days with too low a rate, and local codes that came up lately and have no standard code yet."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, percent

#: A local code is new for so many business days.
NEW_DAYS = 7
#: Codes that an alert names, the most used first; the rest is in the indicator.
NAMED = 20
MAPS = {
    "department": ("科室", "departments"), "fee": ("费用类别", "fee categories"), "drug": ("药品", "drugs"),
    "item": ("检验检查项目", "lab and exam items"),
}  # fmt: skip
_FIX_ZH = "请补充对码表并上传；生效后对码率按新的对码重新计算。"
_FIX_EN = "Add the codes to the code map and upload it; the rate is then worked out anew."


def detect(bad: pl.DataFrame, unmapped: pl.DataFrame, today: date) -> Found:
    """:param bad: judgements that are a warning or critical.
    :param unmapped: rows of watch_unmapped: codes without a standard code now.
    """
    rows = bad.filter(pl.col("detector") == "mapping").sort("biz_date", "org", "subject").to_dicts()
    codes = unmapped.sort("rows", "code", descending=[True, False])
    return Found([_low(row, codes) for row in rows] + _new(codes, today - timedelta(days=NEW_DAYS)))


def _low(row: dict[str, Any], codes: pl.DataFrame) -> Condition:
    rate, day = row["numerator"] / row["denominator"], row["biz_date"]
    zh, en = MAPS[row["subject"]]
    threshold = row["critical"] if row["verdict"] == "critical" else row["warning"]
    used = codes.filter(
        (pl.col("org") == row["org"]) & (pl.col("map") == row["subject"]) & (pl.col("first_day") <= day)
        & (pl.col("last_day") >= day)
    )  # fmt: skip
    counts = f"{row['numerator']:.0f}/{row['denominator']:.0f}"
    return Condition(
        kind="mapping", key=condition_key("mapping", row["org"], "", day, row["subject"]), org=row["org"], table="",
        biz_date=day, severity=row["verdict"], numerator=row["numerator"], denominator=row["denominator"],
        threshold=threshold,
        zh=f"{day:%Y-%m-%d} {zh}对码率 {percent(rate)}（{counts}），低于阈值 {percent(threshold)}",
        en=f"{day:%Y-%m-%d}: {percent(rate)} of the rows with codes of {en} are mapped ({counts}), below "
           f"{percent(threshold)}",
        fix_zh=_FIX_ZH, fix_en=_FIX_EN, details={"map": row["subject"], "unmapped": _named(used)},
    )  # fmt: skip


def _new(codes: pl.DataFrame, since: date) -> list[Condition]:
    fresh = codes.filter(pl.col("first_day") > since).sort("org", "map", maintain_order=True)
    return [
        _new_codes(str(org), str(kind), mine) for (org, kind), mine in fresh.group_by("org", "map", maintain_order=True)
    ]


def _new_codes(org: str, kind: str, codes: pl.DataFrame) -> Condition:
    zh, en = MAPS[kind]
    return Condition(
        kind="mapping", key=condition_key("mapping", org, "", None, f"new-{kind}"), org=org, table="", biz_date=None,
        severity="info", numerator=codes.height, denominator=0.0, threshold=0.0,
        zh=f"近 {NEW_DAYS} 天新出现 {codes.height} 个未对码的{zh}代码",
        en=f"{codes.height} unmapped codes of {en} came up in the last {NEW_DAYS} days",
        fix_zh=_FIX_ZH, fix_en=_FIX_EN, details={"map": kind, "unmapped": _named(codes)},
    )  # fmt: skip


def _named(codes: pl.DataFrame) -> list[dict[str, Any]]:
    return codes.head(NAMED).select("code", "rows", pl.col("first_day").cast(pl.String)).to_dicts()
