"""What the stream worker would have written, for tests of those who read it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import polars as pl

from clickhouse.client import ClickHouse
from standard.load import load
from tests.api.conftest import ORG_A

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai
DAY = date(2026, 11, 20)
TABLE = "TB_MZ_SFMXB"
RULE = next(rule for rule in load().tables[TABLE].rules if rule.fix_zh)


def ledger(clickhouse: ClickHouse, **row: Any) -> None:
    """One ledger row; what is not said is an accepted message of ten rows."""
    usual = {
        "topic_id": "t1", "partition": 0, "offset": 0, "biz_date": DAY, "org": ORG_A, "table": TABLE, "batch": "b1",
        "kind": "batch", "received": 10, "accepted": 10, "source_time": NOW, "arrived_at": NOW, "landed_at": NOW,
    }  # fmt: skip
    clickhouse.insert("ledger", pl.DataFrame([usual | row]))


def findings(clickhouse: ClickHouse, *rows: dict[str, Any]) -> None:
    """Findings; what is not said is an error of row 1 that rejected it."""
    usual = {
        "topic_id": "t1", "partition": 0, "offset": 0, "row": 1, "rule_id": RULE.id, "check": "width",
        "org": ORG_A, "table": TABLE, "biz_date": DAY, "batch": "b1", "column": "YLJGDM", "value": "99***",
        "row_key": "1", "visit": "v1", "severity": "error", "outcome": "rejected", "arrived_at": NOW, "landed_at": NOW,
    }  # fmt: skip
    clickhouse.insert("findings", pl.DataFrame([usual | row for row in rows]))


def alert(number: int = 1, org: str = ORG_A, raised_at: datetime = NOW) -> dict[str, Any]:
    """An alert as published."""
    return {
        "id": f"alert-{number}", "kind": "rejection", "org": org, "table": TABLE, "batch": "b1", "severity": "error",
        "raised_at": raised_at.astimezone().isoformat(timespec="milliseconds"),
        "counts": {"received": 10, "accepted": 9, "rejected": 1, "flagged": 0, "unreadable": 0},
        "rules": [{"rule_id": "SF-W-YLJGDM", "severity": "error", "rows": 1, "zh": "医疗机构代码[过长]",
                   "en": "too long", "fix_zh": "缩短", "fix_en": "shorten"}],
        "examples": [{"row": 1, "row_key": "1", "column": "YLJGDM", "column_zh": "医疗机构代码", "value": "99***",
                      "rule_id": "SF-W-YLJGDM", "reason_zh": "过长", "reason_en": "too long", "fix_zh": "缩短"}],
        "unreadable": None,
        "place": {"topic": "his.changes", "topic_id": "t1", "partition": 0, "offset": number},
    }  # fmt: skip


def alerts(clickhouse: ClickHouse, *payloads: dict[str, Any]) -> None:
    """Alerts as the worker keeps them, a second apart in the order given."""
    rows = [
        {
            "id": one["id"], "org": one["org"], "kind": one["kind"], "table": one["table"], "biz_date": DAY,
            "batch": one["batch"], "severity": one["severity"], "payload": orjson.dumps(one).decode(),
            "topic_id": "t1", "partition": 0, "offset": at, "replay": 0, "landed_at": NOW,
            "raised_at": NOW + timedelta(seconds=at),
        }
        for at, one in enumerate(payloads)
    ]  # fmt: skip
    clickhouse.insert("alerts", pl.DataFrame(rows))
