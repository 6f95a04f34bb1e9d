"""GET /api/v1/records/{org}/{visit}: everything of one visit, each row with its findings."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, Seen, demand, org_scope, refusals, right
from api.errors import ApiError
from api.models_admin import OrgCode
from api.models_indicators import RecordAnswer
from api.records.read import read_visit
from api.records.view import record

router = APIRouter(tags=["就诊记录 records"])


@router.get("/api/v1/records/{org}/{visit}", summary="就诊记录 One visit", responses=refusals(403, 404, 422))
async def visit_record(
    *,
    org: Annotated[OrgCode, Path(description="机构代码 institution")],
    visit: Annotated[str, Path(description="就诊流水号 visit number", min_length=1, max_length=64)],
    personal: Annotated[
        bool, Query(description="显示个人信息：须有此权限，会记入审计日志 personal values unmasked")
    ] = False,
    request: Request,
    who: Annotated[Principal, Depends(right("records.read"))],
    parts: Parts,
    seen: Seen,
) -> RecordAnswer:
    """患者、就诊、诊断、处方、费用、结算，每行附其问题；被拒收的行也在内。个人信息默认脱敏。
    Patient, visit, diagnoses, prescriptions, charges, settlements, each row with its findings, rejected ones too."""
    org = org_scope(who, org)
    if personal:
        demand(who, "records.personal")
    read = await to_thread.run_sync(read_visit, seen, parts.standard, org, visit)
    if not read.found:
        raise ApiError("unknown_visit")
    if personal:
        await parts.audit_log.write(who, request, "record.personal", f"{org}|{visit}")

    def view() -> RecordAnswer:
        return record(parts.standard, parts.wording, org, visit, read, personal=personal)

    return await to_thread.run_sync(view)
