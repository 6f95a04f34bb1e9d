"""Code maps: changed by administrators and, as tables, by hospitals for themselves; with history and undo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, get_args

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import StreamingResponse

from api import kept, map_changes
from api.accounts.principal import Principal
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.imports import code_maps as map_table
from api.indicators.filters import MAX_DAYS, Filters
from api.indicators.mapping import unmapped as unmapped_codes
from api.models_admin import MapAnswer, MapBody, OrgCode
from api.models_maps import MapChangeOut, MapHistoryAnswer, MapImportAnswer, MapVersionAnswer, MapVersionOut
from api.services import Services
from api.sheets import download
from clickhouse.client import SHANGHAI
from clickhouse.codemaps import CONTENT, CannotUndo, MapEntry
from clickhouse.narrowed import Reader
from standard.model import MapKind

router = APIRouter(tags=["机构与对码 institutions, code maps"])

Reading = Annotated[Principal, Depends(right("codemaps.read"))]
Writing = Annotated[Principal, Depends(right("codemaps.write"))]
OrgPath = Annotated[OrgCode, Path()]
_ONE = "/api/v1/codemaps/{org}/{map}"


@router.put(_ONE, summary="更新对码 Change a code map", responses=refusals(403, 404, 413, 422))
async def save_map(
    *, org: OrgPath, map: str, body: MapBody, request: Request,
    who: Annotated[Principal, Depends(right("codemaps.set"))], parts: Parts,
) -> MapAnswer:  # fmt: skip
    """先保存，再经 sanjian.codemaps 通知各 worker，无需重启。503 时重发即可。
    Kept first, then told to the workers through sanjian.codemaps; after 503 send it again."""
    kind = _kind(map)
    entries = [MapEntry(**entry.model_dump()) for entry in body.entries]
    await to_thread.run_sync(map_changes.refuse_too_large, parts, org, kind, entries)
    await parts.audit_log.write(who, request, "codemap.save", f"{org}|{map}", entries=len(entries))
    version = await map_changes.change(
        parts, org, kind, lambda: parts.code_maps.save(org, kind, entries, who.label)
    )  # fmt: skip
    return MapAnswer(org=org, map=kind, version=version, entries=len(entries))


@router.post(
    f"{_ONE}/import", summary="导入对码表 Import", openapi_extra=kept.IMPORT_BODY,
    responses=refusals(403, 404, 413, 422),
)  # fmt: skip
async def import_map(
    *, org: OrgPath, map: str, request: Request, who: Writing, parts: Parts, dry_run: kept.DryRun = False
) -> MapImportAnswer:
    """逐行与标准目录核对；有一行不对就都不写入。没有标准编码的行不处理，- 表示取消对码。
    Every line is held against the catalogue. Lines without a standard code are skipped; - takes a mapping away."""
    kind = _kind(map)
    org_scope(who, org)
    if org not in (await kept.known_now(parts, who)).orgs:
        raise ApiError("unknown_org")
    skipped = 0

    def now() -> Mapping[Any, MapEntry]:
        return parts.code_maps.entries(org, kind)

    def wanted(values: Mapping[str, object]) -> bool:
        nonlocal skipped
        skipped += not map_table.says_something(values)
        return map_table.says_something(values)

    made = await kept.planned(request, parts, map_table.kind(kind, parts.standard), now, wanted)
    answer = kept.checked(made, dry_run)
    if answer.written:
        await to_thread.run_sync(map_changes.refuse_too_large, parts, org, kind, made.entries)
        counts = {"added": made.added, "changed": made.changed}
        await parts.audit_log.write(who, request, "codemap.import", f"{org}|{map}", **counts)
        version = await map_changes.change(
            parts, org, kind, lambda: parts.code_maps.save(org, kind, made.entries, who.label)
        )  # fmt: skip
    else:
        version = await to_thread.run_sync(parts.code_maps.version, org)
    return MapImportAnswer(**answer.model_dump(), version=version, skipped=skipped)


@router.get(f"{_ONE}/export", summary="导出对码表 Export", responses=refusals(403, 404))
async def export_map(
    *, org: OrgPath, map: str, request: Request, who: Reading, parts: Parts, seen: Seen,
    format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh",
    unmapped: Annotated[
        bool, Query(description="在用而未对码的编码，待填写；xlsx 附标准目录 "
                    "codes in use that have no standard code, to be filled in; xlsx: with the catalogue"),
    ] = False,
) -> StreamingResponse:  # fmt: skip
    """可直接修改后导入；还没有对码时是空表。Can be changed and imported again; an empty table when there is none."""
    kind = _kind(map)
    org_scope(who, org)
    entries = await to_thread.run_sync(_in_use if unmapped else _kept, parts, seen, org, kind)
    catalogue, stamp = parts.standard.catalogues[kind], f"{org}-{parts.now().astimezone(SHANGHAI):%Y%m%d}"

    def standard_name(entry: MapEntry) -> str:
        return catalogue[entry.standard_code].name if entry.standard_code in catalogue else ""

    table = map_table.kind(kind, parts.standard)
    await parts.audit_log.write(who, request, "codemap.export", f"{org}|{map}", format=format, entries=len(entries))
    sheets = [table.sheet(entries, standard_name=standard_name)]
    if unmapped:
        sheets.append(map_table.catalogue(kind, parts.standard))
    return await download(sheets, format, f"{table.title}{'-未对码' if unmapped else ''}-{stamp}", lang)


@router.get(f"{_ONE}/history", summary="对码历史 History", responses=refusals(403, 404))
async def history(*, org: OrgPath, map: str, who: Reading, parts: Parts) -> MapHistoryAnswer:
    """谁在什么时候改了多少。Who changed how many, when."""
    kind = _kind(map)
    org_scope(who, org)
    rows = await to_thread.run_sync(parts.code_maps.history, org, kind)
    return MapHistoryAnswer(org=org, map=kind, versions=[MapVersionOut.model_validate(row) for row in rows])


@router.get(f"{_ONE}/history/{{version}}", summary="一次修改的明细 One change", responses=refusals(403, 404))
async def version_of(
    *, org: OrgPath, map: str, version: Annotated[int, Path(ge=1)], who: Reading, parts: Parts,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> MapVersionAnswer:  # fmt: skip
    """每个编码修改前后的内容。Each code before and after."""
    kind = _kind(map)
    org_scope(who, org)
    found = await to_thread.run_sync(parts.code_maps.changes, org, kind, version)
    if not found:
        raise ApiError("unknown_version")
    page = found[offset : offset + limit]
    changes = [
        MapChangeOut(local_code=code, before=_content(before) if before else None, after=_content(after))
        for code, before, after in page
    ]  # fmt: skip
    return MapVersionAnswer(org=org, map=kind, version=version, total=len(found), changes=changes)


@router.post(f"{_ONE}/undo", summary="撤销一次修改 Undo", responses=refusals(403, 404, 409))
async def undo(
    *, org: OrgPath, map: str, version: Annotated[int, Query(ge=1)], request: Request, who: Writing, parts: Parts
) -> MapAnswer:
    """恢复到该次修改之前；其中的编码后来又改过时拒绝。撤销本身也是一个版本，可再撤销。
    As it was before that change; refused when one of its codes was changed again. Undoing is a version too."""
    kind = _kind(map)
    org_scope(who, org)
    await parts.audit_log.write(who, request, "codemap.undo", f"{org}|{map}", version=version)
    try:
        made = await map_changes.change(
            parts, org, kind, lambda: parts.code_maps.undo(org, kind, version, who.label)
        )  # fmt: skip
    except CannotUndo as error:
        if not error.codes:
            raise ApiError("unknown_version") from error
        raise ApiError("cannot_undo", count=len(error.codes), more={"codes": error.codes[:100]}) from error
    changed = await to_thread.run_sync(parts.code_maps.changes, org, kind, made)
    return MapAnswer(org=org, map=kind, version=made, entries=len(changed))


def _kept(parts: Services, seen: Reader, org: str, map: MapKind) -> list[MapEntry]:
    return list(parts.code_maps.entries(org, map).values())


def _in_use(parts: Services, seen: Reader, org: str, map: MapKind) -> list[MapEntry]:
    """Codes of the last year without a standard code, the most used first."""
    today = parts.now().astimezone(SHANGHAI).date()
    asked = Filters(first=today - timedelta(MAX_DAYS - 1), last=today, org=org, test=True)
    listed = unmapped_codes(parts, seen, asked, (map,))
    return [MapEntry(row["code"], row["local_name"]) for chunk in listed.chunks() for row in chunk]


def _kind(map: str) -> MapKind:
    if map not in get_args(MapKind):
        raise ApiError("unknown_map")
    kind: MapKind = map  # type: ignore[assignment]  # checked above
    return kind


def _content(entry: MapEntry) -> dict[str, str]:
    return {name: value for name in CONTENT if (value := getattr(entry, name))}
