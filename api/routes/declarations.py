"""Figures that institutions declare for a month, beside which the uploaded rows are put."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from api import kept
from api.accounts.principal import Principal
from api.depends import Parts, org_scope, refusals, right
from api.errors import ApiError
from api.imports import declarations as declaration_table
from api.imports.declarations import DeclaredMonth
from api.imports.plan import Kind
from api.models_admin import OrgCode
from api.models_kept import (
    DeclarationOut,
    DeclarationsAnswer,
    DeclarationsBody,
    DeletedAnswer,
    ImportAnswer,
    QuantityOut,
    SavedAnswer,
)
from api.services import Services
from clickhouse.client import SHANGHAI
from clickhouse.declarations import QUANTITIES, Declaration
from clickhouse.schedule import ALWAYS, FOREVER

router = APIRouter(tags=["申报 declarations"])

Reading = Annotated[Principal, Depends(right("declarations.read"))]
Writing = Annotated[Principal, Depends(right("declarations.write"))]


@router.get("/api/v1/declarations", summary="申报数 Declared figures", responses=refusals(403))
async def declarations(
    who: Reading, parts: Parts, org: kept.OneOrg = "", month_from: date = ALWAYS, month_to: date = FOREVER
) -> DeclarationsAnswer:
    """医院只看本机构。A hospital sees its own."""
    found = await _stored(parts, who, org, month_from, month_to)
    return DeclarationsAnswer(
        entries=[DeclarationOut.model_validate(one) for one in declaration_table.months(found).values()],
        quantities=[QuantityOut(name=name, zh=q.zh, en=q.en, kind=q.kind) for name, q in QUANTITIES.items()],
    )


@router.put("/api/v1/declarations", summary="申报 Declare figures", responses=refusals(403, 422))
async def save(body: DeclarationsBody, request: Request, who: Writing, parts: Parts) -> SavedAnswer:
    """医院申报本机构，平台可代任何机构。A hospital declares for itself, operators for any institution."""
    entries = [DeclaredMonth(one.org, one.month.replace(day=1), dict(one.figures)) for one in body.entries]
    if any(name not in QUANTITIES for entry in entries for name in entry.figures):
        raise ApiError("unknown_quantity")
    kept.refuse_wrong(await _kind(parts, who), entries)
    target = ",".join(sorted({entry.org for entry in entries})[:20])
    await parts.audit_log.write(who, request, "declarations.save", target, entries=len(entries))
    await to_thread.run_sync(_write, parts, entries, who.label)
    return SavedAnswer(saved=len(entries))


@router.delete("/api/v1/declarations", summary="撤回申报 Take a declaration back", responses=refusals(403, 404, 422))
async def delete(
    *, request: Request, who: Writing, parts: Parts, org: Annotated[OrgCode, Query()], month: date,
) -> DeletedAnswer:  # fmt: skip
    """撤回一个月的全部申报数。All figures of the month."""
    first = month.replace(day=1)
    found = await _stored(parts, who, org, first, first)
    if not found:
        raise ApiError("unknown_entry")
    await parts.audit_log.write(who, request, "declarations.delete", f"{org}|{first:%Y-%m}", figures=len(found))
    keys = [(one.org, one.month, one.quantity) for one in found]
    await to_thread.run_sync(parts.declarations.delete, keys, who.label)
    return DeletedAnswer(deleted=len(keys))


@router.post(
    "/api/v1/declarations/import", summary="导入申报 Import", openapi_extra=kept.IMPORT_BODY,
    responses=refusals(403, 413, 422),
)  # fmt: skip
async def import_(request: Request, who: Writing, parts: Parts, dry_run: kept.DryRun = False) -> ImportAnswer:
    """一行一个机构和月份，一列一个数；空格不改。A line an institution and month; an empty cell changes nothing."""

    def now() -> Mapping[Any, DeclaredMonth]:
        return declaration_table.months(parts.declarations.all())

    made = await kept.planned(request, parts, await _kind(parts, who), now)
    return await kept.carried_out(
        made, dry_run, lambda entries: _write(parts, entries, who.label),
        lambda: parts.audit_log.write(who, request, "declarations.import", who.org, entries=len(made.entries)),
    )  # fmt: skip


@router.get("/api/v1/declarations/export", summary="导出申报 Export", responses=refusals(403))
async def export(
    *, request: Request, who: Reading, parts: Parts, org: kept.OneOrg = "", month_from: date = ALWAYS,
    month_to: date = FOREVER, format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh",
) -> StreamingResponse:  # fmt: skip
    """可直接修改后导入。Can be changed and imported again."""
    found = await _stored(parts, who, org, month_from, month_to)
    known = await kept.known_now(parts, who)
    entries = declaration_table.months(found).values()
    stamp = f"{parts.now().astimezone(SHANGHAI):%Y%m%d}"
    await parts.audit_log.write(who, request, "declarations.export", org, format=format, entries=len(entries))
    kind = await _kind(parts, who)
    return await kept.exported(kind, entries, format, lang, stamp, org_name=lambda one: known.name_of(one.org))


async def _stored(parts: Services, who: Principal, org: str, first: date, last: date) -> list[Declaration]:
    found = await to_thread.run_sync(parts.declarations.all, org_scope(who, org), first, last)
    return [one for one in found if who.sees(one.org)]


async def _kind(parts: Services, who: Principal) -> Kind[DeclaredMonth]:
    return declaration_table.kind(await kept.known_now(parts, who), parts.now().astimezone(SHANGHAI).date())


def _write(parts: Services, entries: list[DeclaredMonth], label: str) -> None:
    parts.declarations.save((one for entry in entries for one in entry.declarations()), label)
