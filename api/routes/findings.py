"""GET /api/v1/findings: which rows violate which rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.models import Finding, FindingsAnswer
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

router = APIRouter(tags=["问题 findings"])

_LEFT_OUT = ("replay", "landed_at")
#: Date32's zero means "no filter" in the named queries.
_ANY_DAY = date(1970, 1, 1)


@router.get("/api/v1/findings", summary="查询问题 Findings, newest first", responses=refusals(403, 404, 422))
async def findings(
    *,
    who: Annotated[Principal, Depends(right("findings.read"))],
    parts: Parts,
    seen: Seen,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    table: Annotated[str, Query(description="标准表 table", examples=["TB_MZ_SFMXB"], max_length=64)] = "",
    date_from: Annotated[date, Query(alias="from", description="业务日期起 first business date")] = _ANY_DAY,
    date_to: Annotated[date, Query(alias="to", description="业务日期止（含）last business date")] = _ANY_DAY,
    rule_id: Annotated[str, Query(description="规则 rule", examples=["SF-W-YLJGDM"], max_length=100)] = "",
    severity: Annotated[Literal["", "error", "warning"], Query(description="级别 severity")] = "",
    batch: Annotated[str, Query(description="批次号 batch", max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> FindingsAnswer:
    """医院令牌只看到本机构。个人信息已脱敏。A hospital's token sees its own institution; personal values are masked."""
    known = parts.standard.table(table) if table else None
    if table and known is None:
        raise ApiError("unknown_table")
    wanted = {
        "org": org_scope(who, org), "table": known.name if known else "", "biz_from": date_from, "biz_to": date_to,
        "rule_id": rule_id, "severity": severity, "batch": batch, "limit": limit, "offset": offset,
    }  # fmt: skip
    total, rows = await to_thread.run_sync(_page, seen, wanted)
    found = [
        Finding(
            **{name: value for name, value in row.items() if name not in _LEFT_OUT and name != "biz_date"},
            biz_date=row["biz_date"].isoformat(),
            **parts.wording.of(row["table"], row["rule_id"], row["column"]),
        )
        for row in rows
    ]
    following = offset + len(found)
    return FindingsAnswer(
        total=total, limit=limit, offset=offset, next_offset=following if following < total else None, findings=found
    )


def _page(clickhouse: Reader, wanted: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    total = clickhouse.rows(load_query("findings_count"), wanted)[0]["findings"]
    return int(total), clickhouse.rows(load_query("findings_page"), wanted)
