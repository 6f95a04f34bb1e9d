"""Sums, facts and results of store rules, as rollup and store checks would have written them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from clickhouse.client import ClickHouse
from streams.rollup import Months
from tests.api.conftest import ORG_A
from tests.api.landed import DAY, NOW, TABLE

_MOMENT = pl.Datetime("ms", "UTC")
_TEXT, _NUMBER = pl.String, pl.UInt64
_CODES = pl.List(pl.Struct({"column": _TEXT, "map": _TEXT, "code": _TEXT, "standard_code": _TEXT, "rows": _NUMBER}))
_RULES = pl.List(pl.Struct({"rule_id": _TEXT, "severity": _TEXT, "findings": _NUMBER}))
_MEASURES = pl.List(pl.Struct({"measure": _TEXT, "code": _TEXT, "rows": _NUMBER, "value": pl.Decimal(20, 4)}))


def ledger_day(clickhouse: ClickHouse, **row: Any) -> None:
    """Ten accepted rows of a day that arrived on the day after; what is given is said instead."""
    day = row.get("biz_date", DAY)
    arrived = row.pop("arrived_at", datetime.combine(day + timedelta(1), NOW.timetz()))
    usual = {
        "biz_date": day, "org": ORG_A, "table": TABLE, "arrival_day": day + timedelta(1), "topic_id": "t1",
        "partition": 0, "stretch": 0, "received": 10, "accepted": 10, "messages": 1, "first_arrived_at": arrived,
        "last_arrived_at": arrived, "changed_at": NOW, "summed_at": NOW,
    }  # fmt: skip
    clickhouse.insert("ledger_days", pl.DataFrame([usual | row]))


def day_facts(
    clickhouse: ClickHouse, *, rules: list[tuple[str, str, int]] | None = None,
    codes: list[tuple[str, str, str, str, int]] | None = None,
    measures: list[tuple[str, str, int, str]] | None = None, **row: Any,
) -> None:  # fmt: skip
    """Facts of a day; tuples as in the table."""
    usual = {
        "biz_date": DAY, "org": ORG_A, "table": TABLE, "rows": 10, "standing": 0, "up_to": NOW, "computed_at": NOW,
        "rules": [dict(zip(("rule_id", "severity", "findings"), one, strict=True)) for one in rules or []],
        "codes": [
            dict(zip(("column", "map", "code", "standard_code", "rows"), one, strict=True)) for one in codes or []
        ],
        "measures": [
            {"measure": one[0], "code": one[1], "rows": one[2], "value": Decimal(one[3])} for one in measures or []
        ],
    }  # fmt: skip
    schema = {"rules": _RULES, "codes": _CODES, "measures": _MEASURES, "up_to": _MOMENT, "computed_at": _MOMENT}
    clickhouse.insert("day_facts", pl.DataFrame([usual | row], schema_overrides=schema))
    Months(clickhouse).mend(NOW)


def store_day(clickhouse: ClickHouse, **row: Any) -> None:
    """A parent rule that ten rows of a day passed."""
    usual = {
        "biz_date": DAY, "org": ORG_A, "table": TABLE, "rule_id": "SF03", "kind": "parent", "severity": "error",
        "checked": 10, "failed": 0, "run_at": NOW,
    }  # fmt: skip
    clickhouse.insert("store_days", pl.DataFrame([usual | row]))


def store_finding(clickhouse: ClickHouse, **row: Any) -> None:
    """A row without its patient."""
    usual = {
        "biz_date": DAY, "org": ORG_A, "table": TABLE, "rule_id": "SF03", "run_at": NOW, "row_key": "k1", "visit": "v1",
        "column": "BRZSY", "value": "p1", "severity": "error", "topic_id": "t1", "partition": 0, "offset": 0, "row": 1,
    }  # fmt: skip
    clickhouse.insert("store_findings", pl.DataFrame([usual | row]))


def expected(clickhouse: ClickHouse, **row: Any) -> None:
    """A day that was due at noon of the day after, missing four hours later."""
    day: date = row.get("biz_date", DAY)
    due = datetime.combine(day + timedelta(1), NOW.timetz())
    usual = {
        "biz_date": day, "org": ORG_A, "table": TABLE, "expected": 1, "reason": "", "due_at": due,
        "grace_until": due + timedelta(hours=4), "updated_at": NOW,
    }  # fmt: skip
    clickhouse.insert("expected_days", pl.DataFrame([usual | row]))
