"""GET /api/v1/findings: which rows violate which rules; and the error detail as a file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.accounts.principal import Principal
from api.depends import Parts, Seen, refusals, right
from api.error_detail import RowFilters, Rows, error_detail
from api.errors import ApiError
from api.indicators.export import XLSX_ROWS
from api.models import Finding, FindingsAnswer
from api.services import Services
from api.sheets import Format, Lang, download
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

router = APIRouter(tags=["问题 findings"])

Reading = Annotated[Principal, Depends(right("findings.read"))]
SeverityFilter = Annotated[Literal["", "error", "warning"], Query(description="级别 severity")]
Outcome = Annotated[Literal["", "accepted", "rejected"], Query(description="该行的结果 outcome of the row")]
Form = Annotated[Format, Query(alias="format", description="文件格式 form of the file")]
Language = Annotated[Lang, Query(description="语言 language")]
_LEFT_OUT = ("replay", "landed_at")


@router.get("/api/v1/findings", summary="查询问题 Findings, newest first", responses=refusals(403, 404, 422))
async def findings(
    *,
    _: Reading,
    parts: Parts,
    seen: Seen,
    asked: Rows,
    severity: SeverityFilter = "",
    outcome: Outcome = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> FindingsAnswer:
    """医院令牌只看到本机构。个人信息已脱敏。A hospital's token sees its own institution; personal values are masked."""
    wanted = asked.parameters() | {"severity": severity, "outcome": outcome, "limit": limit, "offset": offset}
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


@router.get(
    "/api/v1/findings/export", summary="导出错误明细 Export the error detail", response_class=Response,
    responses=refusals(403, 404, 422),
)  # fmt: skip
async def findings_export(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Rows, severity: SeverityFilter = "",
    outcome: Outcome = "", form: Form = "csv", lang: Language = "zh",
) -> Response:  # fmt: skip
    """每个问题一行：哪一行、哪一列、脱敏后的值、规则和改正办法。
    A line a finding: row, column, masked value, rule, what to do."""
    return await exported(parts, seen, who, request, asked, severity, outcome, form, lang)


async def exported(
    parts: Services, seen: Reader, who: Principal, request: Request, asked: RowFilters, severity: str,
    outcome: Literal["", "accepted", "rejected"], form: Format, lang: Lang,
) -> Response:  # fmt: skip
    """The error detail as a file that streams; written into the audit log. Raises ApiError too_many_rows."""
    rows, sheet = await to_thread.run_sync(error_detail, parts, seen, asked, severity, outcome, lang)
    if form == "xlsx" and rows > XLSX_ROWS:
        raise ApiError("too_many_rows", limit=XLSX_ROWS)
    await parts.audit_log.write(
        who, request, "findings.export", outcome or "findings", format=form, rows=rows, severity=severity,
        **asked.audited(),
    )  # fmt: skip
    return await download([sheet], form, f"{sheet.title}_{asked.org}" if asked.org else sheet.title, lang)


def _page(clickhouse: Reader, wanted: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    total = clickhouse.rows(load_query("findings_count"), wanted)[0]["findings"]
    return int(total), clickhouse.rows(load_query("findings_page"), wanted)
