"""Thresholds of the watch, the indicators and the cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from api import kept
from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.errors import ApiError
from api.imports import thresholds as threshold_table
from api.models_kept import DeletedAnswer, ImportAnswer, OrgOrEvery, SavedAnswer, TableOrEvery
from api.models_thresholds import (
    DefinitionOut,
    ThresholdOut,
    ThresholdsAnswer,
    ThresholdsBody,
)
from api.services import Services
from clickhouse.client import SHANGHAI
from clickhouse.schedule import EVERY
from clickhouse.thresholds import Threshold
from streams.watch.thresholds import THRESHOLDS

router = APIRouter(tags=["阈值 thresholds"])

Reading = Annotated[Principal, Depends(right("thresholds.read"))]
Writing = Annotated[Principal, Depends(right("thresholds.write"))]


@router.get("/api/v1/thresholds", summary="阈值 Thresholds", responses=refusals(403))
async def thresholds(who: Reading, parts: Parts) -> ThresholdsAnswer:
    """已设置的阈值，以及全部可设置的阈值和默认值。What is set, and everything that can be, with its default."""
    entries = await _thresholds(parts, who)
    return ThresholdsAnswer(
        entries=[ThresholdOut.model_validate(entry) for entry in entries],
        definitions=[DefinitionOut.model_validate(one) for one in THRESHOLDS.values()],
    )


@router.put("/api/v1/thresholds", summary="设置阈值 Set thresholds", responses=refusals(403, 422))
async def save(body: ThresholdsBody, request: Request, who: Writing, parts: Parts) -> SavedAnswer:
    """已存的数字按新阈值重新判断，不重新处理记录。Stored figures are judged again; no record is processed again."""
    entries = [Threshold(**entry.model_dump()) for entry in body.entries]
    kept.refuse_wrong(threshold_table.kind(await kept.known_now(parts, who)), entries)
    values = {f"{one.org}|{one.table}|{one.name}": one.value for one in entries[:50]}
    await parts.audit_log.write(who, request, "thresholds.save", "thresholds", entries=len(entries), values=values)
    await to_thread.run_sync(parts.thresholds.save, entries, who.label)
    return SavedAnswer(saved=len(entries))


@router.delete("/api/v1/thresholds", summary="恢复默认 Take one away", responses=refusals(403, 404, 422))
async def delete(
    *, request: Request, who: Writing, parts: Parts, name: Annotated[str, Query(max_length=64)],
    org: Annotated[OrgOrEvery, Query()] = EVERY, table: Annotated[TableOrEvery, Query()] = EVERY,
) -> DeletedAnswer:  # fmt: skip
    """之后按更一般的阈值或默认值。The next less specific one, or the default, holds then."""
    key = (org, table.upper(), name)
    entries = await to_thread.run_sync(parts.thresholds.all)
    if key not in {(entry.org, entry.table, entry.name) for entry in entries}:
        raise ApiError("unknown_entry")
    await parts.audit_log.write(who, request, "thresholds.delete", "|".join(key))
    await to_thread.run_sync(parts.thresholds.delete, [key], who.label)
    return DeletedAnswer(deleted=1)


@router.post(
    "/api/v1/thresholds/import", summary="导入阈值 Import", openapi_extra=kept.IMPORT_BODY,
    responses=refusals(403, 413, 422),
)  # fmt: skip
async def import_(request: Request, who: Writing, parts: Parts, dry_run: kept.DryRun = False) -> ImportAnswer:
    """有一行不对就都不写入。With one wrong line nothing is written."""

    def now() -> Mapping[Any, Threshold]:
        return {(entry.org, entry.table, entry.name): entry for entry in parts.thresholds.all()}

    made = await kept.planned(request, parts, threshold_table.kind(await kept.known_now(parts, who)), now)
    return await kept.carried_out(
        made, dry_run, lambda entries: parts.thresholds.save(entries, who.label),
        lambda: parts.audit_log.write(who, request, "thresholds.import", "thresholds", entries=len(made.entries)),
    )  # fmt: skip


@router.get("/api/v1/thresholds/export", summary="导出阈值 Export", responses=refusals(403))
async def export(
    request: Request, who: Reading, parts: Parts, format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh"
) -> StreamingResponse:
    """没有设置的按默认值列出，可直接修改后导入。Those not set come with their default, to be changed and imported."""
    known = await kept.known_now(parts, who)
    entries = await _thresholds(parts, who)
    await parts.audit_log.write(who, request, "thresholds.export", "thresholds", format=format, entries=len(entries))
    everywhere = {one.name for one in entries if (one.org, one.table) == (EVERY, EVERY)}
    defaults = (one for one in THRESHOLDS.values() if one.name not in everywhere)
    entries += [Threshold(EVERY, EVERY, one.name, one.default) for one in defaults]
    return await kept.exported(
        threshold_table.kind(known), entries, format, lang, f"{parts.now().astimezone(SHANGHAI):%Y%m%d}",
        org_name=lambda one: known.name_of(one.org),
        meaning=lambda one: THRESHOLDS[one.name].zh if one.name in THRESHOLDS else "",
        default=lambda one: THRESHOLDS[one.name].default if one.name in THRESHOLDS else None,
        unit=lambda one: THRESHOLDS[one.name].unit if one.name in THRESHOLDS else "",
    )  # fmt: skip


async def _thresholds(parts: Services, who: Principal) -> list[Threshold]:
    return [one for one in await to_thread.run_sync(parts.thresholds.all) if kept.in_sight(who, one.org)]
