"""GET /api/v1/indicators/…: the seven indicators with their drill-downs, as JSON, CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, Seen, refusals, right
from api.indicators.association import association, association_rows
from api.indicators.calendar import By, Group, calendar, calendar_frame, sheets
from api.indicators.check_report import Step, check_findings, check_report, check_rules, check_trend
from api.indicators.export import exported, shown
from api.indicators.fee_shares import Group as FeeGroup
from api.indicators.fee_shares import drug_shares, fee_shares
from api.indicators.filters import Asked
from api.indicators.mapping import mapping, unmapped
from api.indicators.multi_source import multi_source
from api.models_indicators import IndicatorAnswer
from standard.model import MapKind

router = APIRouter(tags=["指标 indicators"])

_REFUSALS = refusals(403, 404, 422)
_PATH = "/api/v1/indicators"

ByDay = Annotated[By, Query(description="按业务日期或到达日期 by business day or by day of arrival")]
Kind = Annotated[str, Query(description="parent；all 或空为全部 parent; all or empty: every kind", max_length=40)]
Level = Annotated[Literal["", "error", "warning"], Query(description="级别 severity")]
Together = Annotated[FeeGroup, Query(description="按机构，或全部合计 by institution, or all of them together")]
RuleId = Annotated[str, Query(description="规则 rule", max_length=100)]


def _of_kind(kind: str) -> str:
    return "" if kind == "all" else kind


Reading = Annotated[Principal, Depends(right("indicators.read"))]
Route = Callable[..., Any]


def _get(path: str, summary: str) -> Callable[[Route], Route]:
    return router.get(f"{_PATH}/{path}", summary=summary, response_model=IndicatorAnswer, responses=_REFUSALS)


@_get("calendar", "1 上传日历 Upload calendar")
async def upload_calendar(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, by: ByDay = "business",
    group: Annotated[Group, Query(description="每行一张表或一个机构 a row a table, or an institution")] = "table",
) -> Any:  # fmt: skip
    """每行的 days 是各天的状态和行数；没有的日子即无数据。days of a row: states and counts; no entry: nothing came."""
    if asked.format == "json":
        return await to_thread.run_sync(calendar, parts, seen, asked, by, group)
    frame = await to_thread.run_sync(calendar_frame, parts, seen, asked, by)
    made = sheets(frame, asked, asked.lang, picture=asked.format == "xlsx")
    cells = int(frame["days"].list.len().sum())
    return await exported(parts, who, request, asked, "calendar", "上传日历", made, cells)


@_get("check_report", "2 数据检查报告 Check report")
async def report(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, by: ByDay = "business"
) -> Any:
    """按月、机构、表：数量、拒收率、异常率。Counts and rates by month, institution and table."""
    return await shown(parts, seen, who, request, asked, check_report, by)


@_get("check_report/trend", "2 走势 Trend")
async def trend(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, by: ByDay = "business",
    step: Annotated[Step, Query(description="按天或按月 by day or month")] = "day",
) -> Any:  # fmt: skip
    """全部所选机构合计，按天或按月。All chosen institutions together, by day or month."""
    return await shown(parts, seen, who, request, asked, check_trend, by, step)


@_get("check_report/rules", "2 违反的规则 Rules violated")
async def rules(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, severity: Level = "") -> Any:
    """多的在前。Most first."""
    return await shown(parts, seen, who, request, asked, check_rules, severity)


@_get("check_report/findings", "2 错误明细 Every finding")
async def details(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, rule_id: RuleId = "",
    severity: Level = "",
) -> Any:  # fmt: skip
    """主键、列、值（已脱敏）、规则和改正办法。Row key, column, masked value, rule and what to do."""
    return await shown(parts, seen, who, request, asked, check_findings, rule_id, severity)


@_get("association", "3 数据关联性检验 Association")
async def references(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, kind: Kind = "parent"
) -> Any:
    """事后补齐的不算不通过。What was resolved later has not failed."""
    return await shown(parts, seen, who, request, asked, association, _of_kind(kind))


@_get("association/rows", "3 关联性不通过明细 Rows that failed")
async def orphans(
    *,
    who: Reading,
    parts: Parts,
    seen: Seen,
    request: Request,
    asked: Asked,
    kind: Kind = "parent",
    rule_id: RuleId = "",
) -> Any:
    """最近一次检验不通过的行。The rows that failed when the rule was run last."""
    return await shown(parts, seen, who, request, asked, association_rows, _of_kind(kind), rule_id)


@_get("fee_shares", "4 门诊住院费用占比 Fee shares")
async def fees(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, group: Together = "org"
) -> Any:
    """按月、机构、费用类别；退费为负。By month, institution and fee category; refunds are negative."""
    return await shown(parts, seen, who, request, asked, fee_shares, group)


@_get("fee_shares/drugs", "4 药占比与耗材占比 Shares of drugs and consumables")
async def fee_drugs(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, group: Together = "org"
) -> Any:
    """按标准费用类别归入药品和材料；未对码的不计入。By standard fee category; unmapped charges count as neither."""
    return await shown(parts, seen, who, request, asked, drug_shares, group)


@_get("drug_mapping", "5 药品对码 Drug mapping")
async def drugs(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked) -> Any:
    """按机构：行对码率和代码对码率。By institution: rates of rows and of distinct codes."""
    return await shown(parts, seen, who, request, asked, mapping, "drug_mapping", ("drug",))


@_get("department_mapping", "6 科室对码 Department mapping")
async def departments(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked) -> Any:
    """按机构：行对码率和代码对码率。By institution: rates of rows and of distinct codes."""
    return await shown(parts, seen, who, request, asked, mapping, "department_mapping", ("department",))


@_get("item_mapping", "6 费用类别与检验检查项目对码 Fee and item mapping")
async def items(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked) -> Any:
    """按机构：行对码率和代码对码率。By institution: rates of rows and of distinct codes."""
    return await shown(parts, seen, who, request, asked, mapping, "item_mapping", ("fee", "item"))


@_get("mapping/unmapped", "5、6 未对码代码 Unmapped codes")
async def unmapped_codes(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked,
    map: Annotated[MapKind | Literal[""], Query(description="对码类别；空为全部 map; empty: all")] = "",
) -> Any:  # fmt: skip
    """使用多的在前。The most used first."""
    kinds = (map,) if map else ("department", "fee", "drug", "item")
    return await shown(parts, seen, who, request, asked, unmapped, kinds)


@_get("multi_source", "7 多数据源校验 Multi-source check")
async def sources(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked) -> Any:
    """按月、机构：同一数量的多个来源和差异。The same quantity from several sources, by month and institution."""
    return await shown(parts, seen, who, request, asked, multi_source)
