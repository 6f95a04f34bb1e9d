"""GET /api/v1/cases/summary: what became of the cases of a month, also as a file."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.accounts.principal import Principal
from api.case_acts import org_names
from api.case_summary import Group, Wanted, sheet, summary
from api.depends import Parts, Seen, org_scope, refusals, right
from api.indicators.filters import Lang
from api.models_cases import CaseKind, CaseSummaryAnswer
from api.sheets import Format, download

router = APIRouter(tags=["告警处理 cases"])

Reading = Annotated[Principal, Depends(right("cases.read"))]


def _wanted(
    *,
    who: Reading,
    month: Annotated[str, Query(description="发生月份，默认本月 month of raising", max_length=7)] = "",
    group: Annotated[Group, Query(description="按机构、种类，或两者 by institution, kind or both")] = "org",
    org: Annotated[str, Query(description="机构代码 institution", max_length=22)] = "",
    kind: Annotated[Literal[""] | CaseKind, Query(description="种类 kind")] = "",
    test: Annotated[bool, Query(description="是否含测试机构 with test institutions")] = False,
) -> Wanted:
    return Wanted(month, group, org_scope(who, org), kind, test or who.role == "tester")


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("/api/v1/cases/summary", summary="月度汇总 Summary of a month", responses=refusals(403, 422))
async def case_summary(_: Reading, parts: Parts, seen: Seen, wanted: Asked) -> CaseSummaryAnswer:
    """当月发生的事项到现在的结果。What became, until now, of the cases raised in the month."""
    return await to_thread.run_sync(lambda: summary(seen, wanted, org_names(parts), parts.now()))


@router.get(
    "/api/v1/cases/summary/export", summary="导出月度汇总 Export it", response_class=Response,
    responses=refusals(403, 422),
)  # fmt: skip
async def case_summary_export(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, wanted: Asked,
    form: Annotated[Format, Query(alias="format", description="文件格式 form of the file")] = "xlsx",
    lang: Annotated[Lang, Query(description="语言 language")] = "zh",
) -> Response:  # fmt: skip
    """CSV 或 XLSX，记入审计日志。As a file; written into the audit log."""
    found = await to_thread.run_sync(lambda: summary(seen, wanted, org_names(parts), parts.now()))
    await parts.audit_log.write(
        who, request, "cases.export", found.month, format=form, rows=len(found.rows), org=wanted.org, kind=wanted.kind
    )
    return await download([sheet(found, lang)], form, f"月度汇总_{found.month}", lang)
