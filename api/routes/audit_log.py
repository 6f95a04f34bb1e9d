"""GET /api/v1/audit-log: who did what, when, from where; as pages or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.models_accounts import AuditEntryAnswer, AuditLogAnswer
from api.wire import SHANGHAI, iso
from clickhouse.client import ClickHouse
from clickhouse.query import load_query

router = APIRouter(tags=["审计 audit"])

#: Rows that an export reads at a time.
_PAGE = 5000
_TITLES = ("时间 at", "操作人 actor", "操作 action", "对象 target", "详情 detail", "地址 address", "编号 id")


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
    format: Annotated[Literal["json", "csv"], Query(description="csv：导出全部 export all of it")] = "json",
) -> AuditLogAnswer | Response:
    """最新的在前；导出会记入日志。Newest first; an export is written into the log."""
    end = _zoned(until) if until else parts.now() + timedelta(seconds=1)
    wanted = {
        "since": _zoned(since) if since else end - timedelta(days=7), "until": end, "actor": actor, "action": action,
        "target": target,
    }  # fmt: skip
    await parts.audit_log.send()  # what waits belongs into the answer
    if format == "csv":
        await parts.audit_log.write(who, request, "audit_log.export", "", **{n: str(v) for n, v in wanted.items() if v})
        name = f"audit-{end.astimezone(SHANGHAI):%Y%m%d-%H%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(_csv(parts.clickhouse, wanted), media_type="text/csv; charset=utf-8", headers=headers)
    total, rows = await to_thread.run_sync(_page, parts.clickhouse, wanted, limit, offset)
    entries = [AuditEntryAnswer(**{**row, "detail": orjson.loads(row["detail"] or "{}")}) for row in rows]
    return AuditLogAnswer(total=total, limit=limit, offset=offset, entries=entries)


def _page(clickhouse: ClickHouse, wanted: dict[str, Any], limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    total = int(clickhouse.rows(load_query("audit_log_count"), wanted)[0]["entries"])
    return total, clickhouse.rows(load_query("audit_log_page"), {**wanted, "limit": limit, "offset": offset})


def _csv(clickhouse: ClickHouse, wanted: dict[str, Any]) -> Iterator[bytes]:
    """With a byte order mark, for Excel; runs in a thread."""
    yield b"\xef\xbb\xbf" + _lines([_TITLES])
    offset = 0
    while True:
        rows = clickhouse.rows(load_query("audit_log_page"), {**wanted, "limit": _PAGE, "offset": offset})
        names = ("actor", "action", "target", "detail", "address", "id")
        yield _lines([iso(row["at"]), *(_harmless(str(row[name])) for name in names)] for row in rows)
        offset += len(rows)
        if len(rows) < _PAGE:
            return


def _lines(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _harmless(text: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
