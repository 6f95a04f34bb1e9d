"""Conditions and times for tests; what is not said is a gap of a hospital."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from clickhouse.client import SHANGHAI
from streams.watch.conditions import Condition, condition_key

ORG_A, ORG_B, ORG_TEST = "990000000000000000000A", "990000000000000000000B", "990000000000000000000T"
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=SHANGHAI)

_RATE = Condition(
    kind="anomaly_rate", key=condition_key("anomaly_rate", ORG_A, "TB_MZ_SFMXB", DAY), org=ORG_A, table="TB_MZ_SFMXB",
    biz_date=DAY, severity="warning", numerator=60.0, denominator=1000.0, threshold=0.05, baseline=0.01,
    zh="异常率 6.0%，超过 5%", en="Anomaly rate 6.0 %, more than 5 %", fix_zh="查看问题明细",
    fix_en="Look at the findings", details={"rules": ["SF-W-YLJGDM"]},
)  # fmt: skip
_GAP = Condition(
    kind="gap", key=condition_key("gap", ORG_A, "", DAY), org=ORG_A, table="", biz_date=DAY, severity="critical",
    numerator=19.0, denominator=19.0, threshold=0.0, baseline=0.0, zh="19 张表未上传", en="19 tables did not arrive",
    fix_zh="补传", fix_en="Send them", details={"tables": ["TB_HZXX", "TB_MZ_JZMXB"]},
)  # fmt: skip


def rate(**changes: Any) -> Condition:
    """An anomaly rate: ends only after a while."""
    return _of(_RATE, changes)


def gap(**changes: Any) -> Condition:
    """A gap: ends at once."""
    return _of(_GAP, changes)


def _of(condition: Condition, changes: dict[str, Any]) -> Condition:
    changed = replace(condition, **changes)
    if "key" in changes:
        return changed
    return replace(changed, key=condition_key(changed.kind, changed.org, changed.table, changed.biz_date))
