"""Association (关联): rows whose parent is not there. All tables of an institution and day are one condition."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from streams.watch.conditions import Condition, condition_key
from streams.watch.found import Found, Names, percent


def detect(bad: pl.DataFrame, names: Names) -> Found:
    """:param bad: judgements that are a warning or critical, without days of incidents; their subject is the rule."""
    rows = bad.filter(pl.col("detector") == "association").sort("biz_date", "org", "table", "subject")
    return Found(
        [
            _condition(str(org), day, mine.to_dicts(), names)
            for (org, day), mine in rows.group_by("org", "biz_date", maintain_order=True)
        ]
    )


def _condition(org: str, day: date, rows: list[dict[str, Any]], names: Names) -> Condition:
    tables = list(dict.fromkeys(row["table"] for row in rows))
    worst = max(rows, key=lambda row: (row["verdict"] == "critical", row["numerator"] / row["denominator"]))
    rate = percent(worst["numerator"] / worst["denominator"])
    counts = f"{worst['numerator']:.0f}/{worst['denominator']:.0f}"
    rule = worst["subject"]
    return Condition(
        kind="association", key=condition_key("association", org, "", day), org=org,
        table=tables[0] if len(tables) == 1 else "", biz_date=day, severity=worst["verdict"],
        numerator=worst["numerator"], denominator=worst["denominator"],
        threshold=worst["critical"] if worst["verdict"] == "critical" else worst["warning"],
        zh=f"{day:%Y-%m-%d} {len(tables)} 张表有记录找不到所属记录：{names.list_zh(tables)}；"
           f"最高 {rate}（{counts}，规则 {rule}）",
        en=f"{day:%Y-%m-%d}: rows without their parent in {names.list_en(tables)}; "
           f"at most {rate} ({counts}, rule {rule})",
        fix_zh="请补传所缺的上级记录（如患者基本信息、就诊、处方）；补传后自动消除。",
        fix_en="Send the missing parent rows (patients, visits, prescriptions …); the orphans then disappear.",
        details={
            "rules": [
                {"table": row["table"], "rule_id": row["subject"], "failed": row["numerator"],
                 "checked": row["denominator"]}
                for row in rows
            ]
        },
    )  # fmt: skip
