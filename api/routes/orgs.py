"""Institutions, kept by administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import StreamingResponse

from api import kept
from api.accounts.principal import Principal
from api.depends import Parts, org_scope, refusals, right
from api.errors import ApiError
from api.imports import orgs as org_table
from api.models_admin import Org, OrgsAnswer
from api.models_kept import ImportAnswer
from clickhouse.client import SHANGHAI
from clickhouse.orgs import Org as StoredOrg

router = APIRouter(tags=["机构与对码 institutions, code maps"])


@router.get("/api/v1/orgs", summary="机构列表 Institutions", responses=refusals(403))
async def orgs(who: Annotated[Principal, Depends(right("orgs.read"))], parts: Parts) -> OrgsAnswer:
    """可查看的全部机构，含停用和测试。All institutions that one may see, inactive and test ones too."""
    stored = await to_thread.run_sync(parts.orgs.all)
    return OrgsAnswer(orgs=[Org.model_validate(org) for org in stored if who.sees(org.org)])


@router.post(
    "/api/v1/orgs",
    status_code=201,
    summary="新增或修改机构 Add or replace an institution",
    responses=refusals(403, 422),
)
async def save_org(
    org: Org, request: Request, who: Annotated[Principal, Depends(right("orgs.write"))], parts: Parts
) -> Org:
    """同一机构代码即修改。The same code replaces."""
    await parts.audit_log.write(who, request, "org.save", org.org)
    await to_thread.run_sync(parts.orgs.save, [StoredOrg(**org.model_dump())])
    parts.directory.forget()
    return org


@router.post(
    "/api/v1/orgs/import", summary="导入机构 Import", openapi_extra=kept.IMPORT_BODY, responses=refusals(403, 413, 422)
)
async def import_(
    request: Request, who: Annotated[Principal, Depends(right("orgs.write"))], parts: Parts,
    dry_run: kept.DryRun = False,
) -> ImportAnswer:  # fmt: skip
    """有一行不对就都不写入；文件里没有的列保持不变。
    With one wrong line nothing is written; columns that the file lacks stay as they are."""

    def now() -> Mapping[Any, StoredOrg]:
        return {org.org: org for org in parts.orgs.all()}

    def save(entries: list[StoredOrg]) -> None:
        parts.orgs.save(entries)
        parts.directory.forget()

    made = await kept.planned(request, parts, org_table.KIND, now)
    return await kept.carried_out(
        made, dry_run, save,
        lambda: parts.audit_log.write(who, request, "orgs.import", "orgs", entries=len(made.entries)),
    )  # fmt: skip


@router.get("/api/v1/orgs/export", summary="导出机构 Export", responses=refusals(403))
async def export(
    request: Request, who: Annotated[Principal, Depends(right("orgs.read"))], parts: Parts,
    format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh",
) -> StreamingResponse:  # fmt: skip
    """可直接修改后导入；含联系人，会记入审计日志。Can be imported again; holds contacts, so it is logged."""
    stored = [org for org in await to_thread.run_sync(parts.orgs.all) if who.sees(org.org)]
    await parts.audit_log.write(who, request, "orgs.export", "orgs", format=format, entries=len(stored))
    return await kept.exported(org_table.KIND, stored, format, lang, f"{parts.now().astimezone(SHANGHAI):%Y%m%d}")


@router.get("/api/v1/orgs/{org}", summary="机构资料 One institution", responses=refusals(403, 404))
async def one_org(org: str, who: Annotated[Principal, Depends(right("orgs.facts"))], parts: Parts) -> Org:
    """可查看的一个机构，医院可看本机构。One institution that one may see; hospitals their own."""
    asked = org_scope(who, org)
    found = next((one for one in await to_thread.run_sync(parts.orgs.all) if one.org == asked), None)
    if found is None:
        raise ApiError("unknown_org")
    return Org.model_validate(found)
