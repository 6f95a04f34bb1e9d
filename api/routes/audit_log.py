"""GET /api/v1/audit-log: who did what, when, from where; as pages or as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import kept
from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.errors import ApiError
from api.indicators.export import XLSX_ROWS
from api.indicators.filters import Form
from api.models_accounts import AuditEntryAnswer, AuditLogAnswer
from api.sheets import Sheet, SheetColumn, download
from api.wire import SHANGHAI
from clickhouse.client import ClickHouse
from clickhouse.query import load_query

router = APIRouter(tags=["审计 audit"])

#: Rows that an export reads at a time.
_PAGE = 5000
_COLUMNS = (
    SheetColumn("at", "时间", "at", "time", 20), SheetColumn("actor", "操作人", "actor", "text", 28),
    SheetColumn("action", "操作", "action", "text", 22), SheetColumn("target", "对象", "target", "text", 36),
    SheetColumn("detail", "详情", "detail", "text", 48), SheetColumn("address", "地址", "address", "text", 18),
    SheetColumn("id", "编号", "id", "text", 38),
)  # fmt: skip


@router.get(
    "/api/v1/audit-log", summary="审计日志 The audit log", responses=refusals(403, 422), response_model=AuditLogAnswer
)
async def audit_log(
    *,
    request: Request,
    who: Annotated[Principal, Depends(right("audit_log.read"))],
    parts: Parts,
    since: Annotated[datetime | None, Query(alias="from", description="起 from; 默认 7 天前 7 days ago")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="止（不含）before; 默认现在 now")] = None,
    actor: Annotated[str, Query(max_length=120, description="操作人 who")] = "",
    action: Annotated[
        str, Query(max_length=60, description="操作或其前缀 what, or its beginning", examples=["login"])
    ] = "",
    target: Annotated[str, Query(max_length=300, description="对象 to what")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    format: Annotated[Form, Query(description="json，或导出全部 or all of it as a file: csv, xlsx")] = "json",
    lang: kept.HeaderLang = "zh",
) -> AuditLogAnswer | Response:
    """最新的在前；导出会记入日志。Newest first; an export is written into the log."""
    end = _zoned(until) if until else parts.now() + timedelta(seconds=1)
    wanted = {
        "since": _zoned(since) if since else end - timedelta(days=7), "until": end, "actor": actor, "action": action,
        "target": target,
    }  # fmt: skip
    await parts.audit_log.send()  # what waits belongs into the answer
    total, rows = await to_thread.run_sync(_page, parts.clickhouse, wanted, limit, offset)
    if format == "json":
        entries = [AuditEntryAnswer(**{**row, "detail": orjson.loads(row["detail"] or "{}")}) for row in rows]
        return AuditLogAnswer(total=total, limit=limit, offset=offset, entries=entries)
    if format == "xlsx" and total > XLSX_ROWS:
        raise ApiError("too_many_rows", limit=XLSX_ROWS)
    asked = {name: str(value) for name, value in wanted.items() if value}
    await parts.audit_log.write(who, request, "audit_log.export", "", **asked, format=format, rows=total)
    sheet = Sheet("审计日志", _COLUMNS, _pages(parts.clickhouse, wanted))
    return await download([sheet], format, f"审计日志-{end.astimezone(SHANGHAI):%Y%m%d-%H%M}", lang)


def _page(clickhouse: ClickHouse, wanted: dict[str, Any], limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    total = int(clickhouse.rows(load_query("audit_log_count"), wanted)[0]["entries"])
    return total, clickhouse.rows(load_query("audit_log_page"), {**wanted, "limit": limit, "offset": offset})


def _pages(clickhouse: ClickHouse, wanted: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """All rows, read while the file is written; runs in a thread."""
    offset, last = 0, False
    while not last:
        rows = clickhouse.rows(load_query("audit_log_page"), {**wanted, "limit": _PAGE, "offset": offset})
        yield from (tuple(row[column.name] for column in _COLUMNS) for row in rows)
        offset, last = offset + len(rows), len(rows) < _PAGE


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
