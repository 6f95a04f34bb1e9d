"""Who must send what by when, and when nothing is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from api import kept
from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.errors import ApiError
from api.imports import quiet_times as quiet_table
from api.imports import schedule as schedule_table
from api.models_kept import (
    DeletedAnswer,
    ImportAnswer,
    OrgOrEvery,
    QuietTimeOut,
    QuietTimesAnswer,
    QuietTimesBody,
    SavedAnswer,
    ScheduleAnswer,
    ScheduleBody,
    ScheduleOut,
    TableOrEvery,
)
from api.services import Services
from clickhouse.client import SHANGHAI
from clickhouse.schedule import ALWAYS, EVERY, QuietTime, ScheduleEntry, quiet_id

router = APIRouter(tags=["上传计划 schedule"])

Reading = Annotated[Principal, Depends(right("schedule.read"))]
Writing = Annotated[Principal, Depends(right("schedule.write"))]


@router.get("/api/v1/schedule", summary="上传计划 Schedule", responses=refusals(403))
async def schedule(who: Reading, parts: Parts) -> ScheduleAnswer:
    """没有规定的按默认：T+1 8:00，宽限 4 小时。What is not here is due at T+1 8:00, with 4 hours of grace."""
    entries = await _schedule(parts, who)
    return ScheduleAnswer(entries=[ScheduleOut.model_validate(entry) for entry in entries])


@router.put("/api/v1/schedule", summary="设置上传计划 Set entries", responses=refusals(403, 422))
async def save(body: ScheduleBody, request: Request, who: Writing, parts: Parts) -> SavedAnswer:
    """机构、表、生效日期相同的被替换。The same institution, table and first day are replaced."""
    entries = [ScheduleEntry(**entry.model_dump()) for entry in body.entries]
    kept.refuse_wrong(schedule_table.kind(await kept.known_now(parts, who)), entries)
    await parts.audit_log.write(who, request, "schedule.save", "schedule", entries=len(entries))
    await to_thread.run_sync(parts.schedule.save, entries, who.label)
    return SavedAnswer(saved=len(entries))


@router.delete("/api/v1/schedule", summary="删除一条计划 Take an entry away", responses=refusals(403, 404, 422))
async def delete(
    *, request: Request, who: Writing, parts: Parts, org: Annotated[OrgOrEvery, Query()],
    table: Annotated[TableOrEvery, Query()] = EVERY, valid_from: date = ALWAYS,
) -> DeletedAnswer:  # fmt: skip
    """之后按更一般的规定或默认。The next less specific entry holds then."""
    key = (org, table.upper(), valid_from)
    entries = await _schedule(parts, who)
    if not who.sees(org) or key not in {(entry.org, entry.table, entry.valid_from) for entry in entries}:
        raise ApiError("unknown_entry")
    await parts.audit_log.write(who, request, "schedule.delete", "|".join(map(str, key)))
    await to_thread.run_sync(parts.schedule.delete, [key], who.label)
    return DeletedAnswer(deleted=1)


@router.post(
    "/api/v1/schedule/import", summary="导入上传计划 Import", openapi_extra=kept.IMPORT_BODY,
    responses=refusals(403, 413, 422),
)  # fmt: skip
async def import_(request: Request, who: Writing, parts: Parts, dry_run: kept.DryRun = False) -> ImportAnswer:
    """有一行不对就都不写入。With one wrong line nothing is written."""

    def now() -> Mapping[Any, ScheduleEntry]:
        return {(entry.org, entry.table, entry.valid_from): entry for entry in parts.schedule.all()}

    made = await kept.planned(request, parts, schedule_table.kind(await kept.known_now(parts, who)), now)
    return await kept.carried_out(
        made, dry_run, lambda entries: parts.schedule.save(entries, who.label),
        lambda: parts.audit_log.write(who, request, "schedule.import", "schedule", entries=len(made.entries)),
    )  # fmt: skip


@router.get("/api/v1/schedule/export", summary="导出上传计划 Export", responses=refusals(403))
async def export(
    request: Request, who: Reading, parts: Parts, format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh"
) -> StreamingResponse:
    """可直接修改后导入。Can be changed and imported again."""
    known = await kept.known_now(parts, who)
    entries = await _schedule(parts, who)
    await parts.audit_log.write(who, request, "schedule.export", "schedule", format=format, entries=len(entries))
    stamp = f"{parts.now().astimezone(SHANGHAI):%Y%m%d}"
    return await kept.exported(
        schedule_table.kind(known), entries, format, lang, stamp, org_name=lambda entry: known.name_of(entry.org)
    )


@router.get("/api/v1/quiet-times", summary="静默时段 Quiet times", responses=refusals(403))
async def quiet_times(who: Reading, parts: Parts) -> QuietTimesAnswer:
    """节假日、维护、事件，以及本平台自己的中断。Holidays, maintenance, incidents, and our own outages."""
    entries = await _quiet_times(parts, who)
    return QuietTimesAnswer(entries=[QuietTimeOut.model_validate(entry) for entry in entries])


@router.put("/api/v1/quiet-times", summary="设置静默时段 Set quiet times", responses=refusals(403, 422))
async def save_quiet_times(body: QuietTimesBody, request: Request, who: Writing, parts: Parts) -> SavedAnswer:
    """编号相同的被替换。The same id is replaced."""
    others = {one.id for one in await to_thread.run_sync(parts.quiet_times.all) if not who.sees(one.org)}
    if any(entry.id in others for entry in body.entries):
        raise ApiError("other_org")
    entries = [QuietTime(**entry.model_dump()) for entry in body.entries]
    entries = [
        entry if entry.id else replace(entry, id=quiet_id(entry.org, entry.table, entry.kind, entry.starts_at))
        for entry in entries
    ]  # fmt: skip
    kept.refuse_wrong(quiet_table.kind(await kept.known_now(parts, who)), entries)
    await parts.audit_log.write(who, request, "quiet_times.save", "quiet_times", entries=len(entries))
    await to_thread.run_sync(parts.quiet_times.save, entries, who.label)
    return SavedAnswer(saved=len(entries))


@router.delete("/api/v1/quiet-times/{id}", summary="删除静默时段 Take one away", responses=refusals(403, 404))
async def delete_quiet_time(id: str, request: Request, who: Writing, parts: Parts) -> DeletedAnswer:
    """删除后相关日期会重新判断。The days that it covered are judged again."""
    found = [one for one in await _quiet_times(parts, who) if one.id == id and who.sees(one.org)]
    if not found:
        raise ApiError("unknown_entry")
    await parts.audit_log.write(who, request, "quiet_times.delete", id)
    await to_thread.run_sync(parts.quiet_times.delete, found, who.label)
    return DeletedAnswer(deleted=1)


@router.post(
    "/api/v1/quiet-times/import", summary="导入静默时段 Import", openapi_extra=kept.IMPORT_BODY,
    responses=refusals(403, 413, 422),
)  # fmt: skip
async def import_quiet_times(
    request: Request, who: Writing, parts: Parts, dry_run: kept.DryRun = False
) -> ImportAnswer:
    """同一机构、表、类别、开始时间为同一条。The same institution, table, kind and beginning are the same one."""

    def now() -> Mapping[Any, QuietTime]:
        return {one.id: one for one in parts.quiet_times.all()}

    made = await kept.planned(request, parts, quiet_table.kind(await kept.known_now(parts, who)), now)
    return await kept.carried_out(
        made, dry_run, lambda entries: parts.quiet_times.save(entries, who.label),
        lambda: parts.audit_log.write(who, request, "quiet_times.import", "quiet_times", entries=len(made.entries)),
    )  # fmt: skip


@router.get("/api/v1/quiet-times/export", summary="导出静默时段 Export", responses=refusals(403))
async def export_quiet_times(
    request: Request, who: Reading, parts: Parts, format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh"
) -> StreamingResponse:
    """不含本平台自己的中断。Without our own outages."""
    known = await kept.known_now(parts, who)
    entries = [one for one in await _quiet_times(parts, who) if one.kind != "outage"]
    await parts.audit_log.write(who, request, "quiet_times.export", "quiet_times", format=format, entries=len(entries))
    stamp = f"{parts.now().astimezone(SHANGHAI):%Y%m%d}"
    return await kept.exported(
        quiet_table.kind(known), entries, format, lang, stamp, org_name=lambda one: known.name_of(one.org)
    )


async def _schedule(parts: Services, who: Principal) -> list[ScheduleEntry]:
    return [one for one in await to_thread.run_sync(parts.schedule.all) if kept.in_sight(who, one.org)]


async def _quiet_times(parts: Services, who: Principal) -> list[QuietTime]:
    return [one for one in await to_thread.run_sync(parts.quiet_times.all) if kept.in_sight(who, one.org)]
