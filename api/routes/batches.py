"""GET /api/v1/batches: what was sent, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.models_batches import Batch, BatchesAnswer
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

router = APIRouter(tags=["上传 upload"])

#: Date32's zero means "no filter" in the named queries.
_ANY_DAY = date(1970, 1, 1)


@router.get("/api/v1/batches", summary="查询批次 Batches, newest first", responses=refusals(403, 404, 422))
async def batches(
    *,
    who: Annotated[Principal, Depends(right("receipts.read"))],
    parts: Parts,
    seen: Seen,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    table: Annotated[str, Query(description="标准表 table", examples=["TB_MZ_SFMXB"], max_length=64)] = "",
    date_from: Annotated[date, Query(alias="from", description="业务日期起 first business date")] = _ANY_DAY,
    date_to: Annotated[date, Query(alias="to", description="业务日期止（含）last business date")] = _ANY_DAY,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> BatchesAnswer:
    """只计所选业务日期的行。Counts are those of the rows of the business dates that are asked for."""
    known = parts.standard.table(table) if table else None
    if table and known is None:
        raise ApiError("unknown_table")
    wanted = {
        "org": org_scope(who, org), "table": known.name if known else "", "biz_from": date_from, "biz_to": date_to,
        "limit": limit, "offset": offset,
    }  # fmt: skip
    total, rows = await to_thread.run_sync(_page, seen, wanted)
    following = offset + len(rows)
    return BatchesAnswer(
        total=total, limit=limit, offset=offset, next_offset=following if following < total else None,
        batches=[_batch(row) for row in rows],
    )  # fmt: skip


def _page(seen: Reader, wanted: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    total = seen.rows(load_query("batches_count"), wanted)[0]["batches"]
    return int(total), seen.rows(load_query("batches_page"), wanted)


def _batch(row: dict[str, Any]) -> Batch:
    days = {name: row[name].isoformat() for name in ("first_day", "last_day")}
    return Batch(**(row | days | {name: bool(row[name]) for name in ("declared_empty", "replay")}))
