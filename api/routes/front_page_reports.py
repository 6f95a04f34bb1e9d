"""GET /api/v1/front-pages/…: what is in a submission, submissions compared, and the centre's report on a month."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, Seen, demand, refusals, right
from api.front_pages.comparison import Change, changed_rows, comparison
from api.front_pages.month import month_report
from api.front_pages.submitted import (
    Wanted,
    submission_of,
    submitted_findings,
    submitted_rows,
    submitted_rules,
    within,
)
from api.front_pages.whole import read_page, whole_page
from api.indicators.export import shown
from api.indicators.filters import Asked
from api.models_indicators import IndicatorAnswer, RecordAnswer

router = APIRouter(tags=["病案首页 front pages"])

_PATH = "/api/v1/front-pages"
Reading = Annotated[Principal, Depends(right("indicators.read"))]
ReadingRecords = Annotated[Principal, Depends(right("records.read"))]
Submission = Annotated[str, Query(description="上报编号 submission", pattern=r"^[0-9a-f]{32}$")]
RuleId = Annotated[str, Query(description="规则 rule", max_length=100)]
Column = Annotated[str, Query(description="列代码 column", max_length=40)]
Severity = Annotated[str, Query(description="级别 severity", pattern=r"^(error|warning)?$")]
Record = Annotated[str, Query(description="病案号 record number", max_length=64)]
FileRow = Annotated[int, Query(description="文件行号，表头为1 row of the file; its header is 1", ge=0, le=10_000_000)]
Outcome = Annotated[str, Query(description="结果 outcome", pattern=r"^(accepted|flagged|rejected)?$")]
_FIGURES: dict[str, Any] = {"response_model": IndicatorAnswer, "responses": refusals(403, 404, 422)}


@router.get(f"{_PATH}/findings", summary="错误明细 Findings of a submission", **_FIGURES)
async def findings(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, submission: Submission,
    rule_id: RuleId = "", column: Column = "", severity: Severity = "", record: Record = "", file_row: FileRow = 0,
) -> Any:  # fmt: skip
    """行号是上报文件自己的行号；值已脱敏。Rows are those of the sender's own file; values are masked."""
    one = await to_thread.run_sync(submission_of, seen, submission)
    wanted = Wanted(rule_id, column.upper(), severity, record, file_row)
    return await shown(parts, seen, who, request, within(one, asked), submitted_findings, one, wanted)


@router.get(f"{_PATH}/findings/rules", summary="违反的规则 Rules that a submission violates", **_FIGURES)
async def rules(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, submission: Submission,
    column: Column = "", severity: Severity = "",
) -> Any:  # fmt: skip
    """涉及行数多的在前。Those of most rows first."""
    one = await to_thread.run_sync(submission_of, seen, submission)
    wanted = Wanted(column=column.upper(), severity=severity)
    return await shown(parts, seen, who, request, within(one, asked), submitted_rules, one, wanted)


@router.get(f"{_PATH}/rows", summary="上报记录查询 Rows of a submission", **_FIGURES)
async def rows(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, submission: Submission,
    record: Record = "", outcome: Outcome = "", file_row: FileRow = 0,
) -> Any:  # fmt: skip
    """全部行，含拒收的；姓名已脱敏。All rows, rejected ones too; names are masked."""
    one = await to_thread.run_sync(submission_of, seen, submission)
    wanted = Wanted(record=record, file_row=file_row, outcome=outcome)
    return await shown(parts, seen, who, request, within(one, asked), submitted_rows, one, wanted)


@router.get(
    f"{_PATH}/rows/{{submission}}/{{file_row}}", summary="一份首页 One front page", responses=refusals(403, 404, 422)
)
async def one_page(
    *,
    submission: Annotated[str, Path(description="上报编号 submission", pattern=r"^[0-9a-f]{32}$")],
    file_row: Annotated[int, Path(description="文件行号，表头为1 row of the file", ge=1, le=10_000_000)],
    personal: Annotated[bool, Query(description="显示个人信息：须有此权限，会记入审计日志 unmasked, logged")] = False,
    request: Request, who: ReadingRecords, parts: Parts, seen: Seen,
) -> RecordAnswer:  # fmt: skip
    """全部字段及其问题，拒收的也可查；个人信息默认脱敏。Every column with its findings; personal values masked."""
    if personal:
        demand(who, "records.personal")
    one = await to_thread.run_sync(submission_of, seen, submission)
    read = await to_thread.run_sync(read_page, seen, parts.standard, one, file_row)
    if personal:
        await parts.audit_log.write(who, request, "record.personal", f"{one.org}|{one.id}|{file_row}")
    return whole_page(parts.standard, parts.wording, one, read, personal=personal)


@router.get(f"{_PATH}/comparison", summary="月度对比 Submissions of a month compared", **_FIGURES)
async def compared(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked) -> Any:
    """须指定一个机构：每次上报与上次相比新增、删除、修改的行，错误率。
    Of one institution: each submission beside the one before."""
    return await shown(parts, seen, who, request, asked, comparison)


@router.get(f"{_PATH}/comparison/rows", summary="变化明细 Rows that changed", **_FIGURES)
async def changed(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked,
    number: Annotated[int, Query(description="第几次上报 which submission of the month", ge=2, le=255)],
    change: Annotated[Change, Query(description="新增、删除、修改 added, removed, changed")] = "changed",
) -> Any:  # fmt: skip
    """与上次上报相比，按病案号和住院次数。Against the one before, by record number and number of admissions."""
    return await shown(parts, seen, who, request, asked, changed_rows, number, change)


@router.get(f"{_PATH}/report", summary="上报月报 The month's report", **_FIGURES)
async def report(*, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked) -> Any:
    """有住院的机构：按时、逾期、未上报，上报次数、数量、质量得分和名次。
    Institutions with inpatients: on time, late or not at all, how often, how many, quality score and rank."""
    return await shown(parts, seen, who, request, asked, month_report)
