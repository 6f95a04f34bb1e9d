"""Front pages as the pipeline would have written them, with what was found in them."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import polars as pl

from clickhouse.client import ClickHouse
from tests.api.conftest import ORG_A
from tests.api.facts import store_day, store_finding
from tests.api.landed import NOW, findings

TABLE = "TB_BASY"
#: Front pages of October are sent in November.
LEFT = date(2026, 10, 12)
_offsets = itertools.count(1000)


def front_page(
    clickhouse: ClickHouse, key: str, *wrong: tuple[str, str, str], org: str = ORG_A, left: date = LEFT,
    rejected: bool = False, submission: str = "", file_row: int = 0, at: datetime = NOW, store: tuple[str, ...] = (),
    **values: Any,
) -> None:  # fmt: skip
    """A front page ``record|admission``; ``wrong``: (rule, kind of check, severity) of what was found on arrival;
    ``store``: rules that looked at other rows; ``file_row``: of the sender's file (header is 1)."""
    offset, (record, number) = next(_offsets), key.split("|")
    batch = f"{submission}/{file_row}" if submission else f"b{offset}"
    place = {"topic_id": "t1", "partition": 0, "offset": offset, "row": 1, "org": org, "table": TABLE}
    about = place | {"biz_date": left, "batch": batch, "row_key": key, "arrived_at": at, "landed_at": at}
    outcome = "rejected" if rejected else "accepted"
    told = [
        about
        | {"rule_id": rule, "check": kind, "severity": severity, "outcome": outcome, "visit": record, "column": "P3"}
        for rule, kind, severity in wrong
    ]
    if told:
        findings(clickhouse, *told)
    if rejected:
        raw = orjson.dumps({"P3": record, "P2": number, **values}, default=str).decode()
        clickhouse.insert("rejected_rows", pl.DataFrame([about | {"raw": raw, "op": "upsert"}]))
        return
    usual = {
        "p900": org, "p3": record, "p2": number, "p25": datetime.combine(left, NOW.timetz()), "_biz_date": left,
        "_version": offset, "_deleted": 0, "_topic_id": "t1", "_partition": 0, "_offset": offset, "_row": 1,
        "_batch": batch, "_warnings": 0, "_map_version": 0, "_arrived_at": at, "_submission": submission,
    }  # fmt: skip
    clickhouse.insert("tb_basy", pl.DataFrame([usual | {name.lower(): value for name, value in values.items()}]))
    for rule in store:
        run = {"org": org, "table": TABLE, "biz_date": left, "rule_id": rule, "run_at": NOW}
        store_day(clickhouse, **run, kind="cross_record", severity="error", failed=1)
        store_finding(clickhouse, **run, row_key=key, visit=record, offset=offset)


def switched(clickhouse: ClickHouse, submission: str, number: int, org: str = ORG_A, month: date | None = None) -> None:
    """The month counts this submission from now on."""
    first = month or LEFT.replace(day=1)
    row = {
        "id": f"{org}|{first}", "version": number, "writer": "w", "at": NOW + timedelta(minutes=number), "org": org,
        "month": first, "submission": submission,
    }  # fmt: skip
    clickhouse.insert("submission_switches", pl.DataFrame([row]))
