"""Anomaly rate: flagged and rejected rows of those received, against fixed thresholds and the same weekday."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names, percent

#: The rules that a day's rows violate most, by (institution, table, day).
Rules = Mapping[tuple[str, str, date], list[dict[str, Any]]]


def detect(bad: pl.DataFrame, rules: Rules, names: Names) -> Found:
    """:param bad: judgements that are a warning or critical, without days of incidents."""
    rows = bad.filter(pl.col("detector") == "anomaly_rate").sort("biz_date", "org", "table").to_dicts()
    return Found([_condition(row, rules.get((row["org"], row["table"], row["biz_date"]), []), names) for row in rows])


def _condition(row: dict[str, Any], rules: list[dict[str, Any]], names: Names) -> Condition:
    rate = row["numerator"] / row["denominator"]
    threshold = row["critical"] if row["verdict"] == "critical" else row["warning"]
    day, counts = f"{row['biz_date']:%Y-%m-%d}", f"{row['numerator']:.0f}/{row['denominator']:.0f}"
    if rate >= threshold:
        zh, en = f"，达到阈值 {percent(threshold)}", f", at or above the threshold of {percent(threshold)}"
    else:
        usual = percent(row["baseline"])
        zh, en = f"，明显高于同星期的中位数 {usual}", f", far above the median of this weekday, {usual}"
    which = "、".join(rule["rule_id"] for rule in rules)
    return Condition(
        kind="anomaly_rate", key=condition_key("anomaly_rate", row["org"], row["table"], row["biz_date"]),
        org=row["org"], table=row["table"], biz_date=row["biz_date"], severity=row["verdict"],
        numerator=row["numerator"], denominator=row["denominator"], threshold=threshold, baseline=row["baseline"],
        zh=f"{names.zh(row['table'])} {day} 异常率 {percent(rate)}（{counts}）{zh}"
           + (f"；主要规则 {which}" if which else ""),
        en=f"{names.en(row['table'])} {day}: anomaly rate {percent(rate)} ({counts}){en}"
           + (f"; mostly rules {which.replace('、', ', ')}" if which else ""),
        fix_zh="请按错误明细更正后重新上传；同一规则大量出现时，多为接口或字典改动所致。",
        fix_en="Correct the rows by the error detail and send them again; many findings of one rule mostly come from a "
               "changed interface or dictionary.",
        details={"rules": rules, "spread": None if math.isnan(row["spread"]) else row["spread"]},
    )  # fmt: skip
