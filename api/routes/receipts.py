"""GET /api/v1/receipts/{id}: what became of a batch."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.models import DayCounts, ReceiptAnswer, RuleCount
from api.texts import Wording
from api.uploads import Upload
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

router = APIRouter(tags=["上传 upload"])

_COUNTS = ("received", "accepted", "rejected", "flagged", "unreadable", "findings", "unmapped")


@router.get(
    "/api/v1/receipts/{receipt_id}", summary="查询回执 What became of a batch", responses=refusals(403, 404)
)  # fmt: skip
async def receipt(
    receipt_id: str,
    who: Annotated[Principal, Depends(right("receipts.read"))],
    parts: Parts,
    seen: Seen,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
) -> ReceiptAnswer:
    """taken → queued → done。done 后给出按业务日期的计数和按规则的问题。
    After done: counts by business date and findings by rule."""
    upload = await parts.uploads.find(org_scope(who, org), receipt_id)
    if upload is None or not who.sees(upload.org):  # somebody else's receipt is no different from none
        raise ApiError("unknown_receipt")
    days, rules = await to_thread.run_sync(_landed, seen, upload)
    return _answer(upload, days, rules, parts.wording, in_broker=upload.topic_id == _changes_id(parts))


def _changes_id(parts: Parts) -> str:
    return parts.topics[parts.settings.changes_topic].id


def _landed(clickhouse: Reader, upload: Upload) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    wanted = {"org": upload.org, "table": upload.table, "batch": upload.batch}
    days = clickhouse.rows(load_query("receipt"), wanted)
    return days, clickhouse.rows(load_query("receipt_findings"), wanted) if days else []


def _answer(
    upload: Upload, days: list[dict[str, Any]], rules: list[dict[str, Any]], wording: Wording, *, in_broker: bool
) -> ReceiptAnswer:
    """The ledger says done; without it the upload's own state counts, unless the broker lost the message."""
    if days:
        state = "done"
    elif upload.state == "queued" and not in_broker:
        state = "lost"
    else:
        state = upload.state
    return ReceiptAnswer(
        receipt_id=upload.receipt_id, state=state,
        org=upload.org, table=upload.table, batch=upload.batch, op=upload.op, rows=upload.rows,
        sent_at=upload.source_time, taken_at=upload.updated_at,
        landed_at=max((day["landed_at"] for day in days), default=None),
        counts={name: sum(int(day[name]) for day in days) for name in _COUNTS},
        days=[_day(day) for day in days],
        rules=[_rule(row, wording) for row in rules],
        unknown_columns=sorted({column for day in days for column in day["unknown_columns"]}),
        reasons=sorted({reason for day in days for reason in day["reasons"]}),
    )  # fmt: skip


def _day(row: dict[str, Any]) -> DayCounts:
    counts = {name: int(row[name]) for name in _COUNTS}
    return DayCounts(biz_date=row["biz_date"].isoformat(), declared_empty=bool(row["declared_empty"]), **counts)


def _rule(row: dict[str, Any], wording: Wording) -> RuleCount:
    kept = {
        name: row[name] for name in ("rule_id", "severity", "column", "rows", "first_row", "first_key", "first_value")
    }
    return RuleCount(**kept, **wording.of(row["table"], row["rule_id"], row["column"]))
