"""Institutions and their code maps, kept by administrators."""

from __future__ import annotations

import asyncio
from typing import Annotated, get_args

import orjson
from anyio import to_thread
from fastapi import APIRouter, Path, Request

from api.depends import Admin, Operator, Parts, refusals
from api.errors import ApiError
from api.models_admin import MapAnswer, MapBody, MapEntry, Org, OrgCode, OrgsAnswer
from clickhouse.codemaps import MapEntry as StoredEntry
from clickhouse.orgs import Org as StoredOrg
from clickhouse.query import load_query
from standard.model import MapKind

#: A newer version must not be published before an older one.
_PUBLISHING = asyncio.Lock()
router = APIRouter(tags=["机构与对码 institutions, code maps"])


@router.get("/api/v1/orgs", summary="机构列表 Institutions", responses=refusals(403))
async def orgs(_: Operator, parts: Parts) -> OrgsAnswer:
    """全部机构，含停用和测试。All institutions, inactive and test ones too."""
    stored = await to_thread.run_sync(parts.orgs.all)
    return OrgsAnswer(orgs=[Org.model_validate(org) for org in stored])


@router.post(
    "/api/v1/orgs",
    status_code=201,
    summary="新增或修改机构 Add or replace an institution",
    responses=refusals(403, 422),
)
async def save_org(org: Org, request: Request, who: Admin, parts: Parts) -> Org:
    """同一机构代码即修改。The same code replaces."""
    await parts.audit_log.write(who, request, "org.save", org.org)
    await to_thread.run_sync(parts.orgs.save, [StoredOrg(**org.model_dump())])
    return org


@router.put("/api/v1/codemaps/{org}/{map}", summary="更新对码 Change a code map", responses=refusals(403, 404, 422))
async def save_map(
    *, org: Annotated[OrgCode, Path()], map: str, body: MapBody, request: Request, who: Admin, parts: Parts
) -> MapAnswer:
    """先保存，再经 sanjian.codemaps 通知各 worker，无需重启。503 时重发即可。
    Kept first, then told to the workers through sanjian.codemaps; after 503 send it again."""
    if map not in get_args(MapKind):
        raise ApiError("unknown_map")
    kind: MapKind = map  # type: ignore[assignment]  # checked above
    entries = [StoredEntry(**entry.model_dump()) for entry in body.entries]
    await parts.audit_log.write(who, request, "codemap.save", f"{org}|{map}", entries=len(entries))
    async with _PUBLISHING:
        version = await to_thread.run_sync(parts.code_maps.save, org, kind, entries, who.label)
        await _publish(parts, org, kind, version)
    return MapAnswer(org=org, map=kind, version=version, entries=len(entries))


async def _publish(parts: Parts, org: str, kind: MapKind, version: int) -> None:
    """The whole map: the topic is compacted, so a message has to stand for all before it. Empty fields are left out."""
    wanted = {"org": org, "map": kind, "limit": 0, "offset": 0}
    stored = await to_thread.run_sync(parts.clickhouse.rows, load_query("code_map_entries"), wanted)
    entries = [{name: row[name] for name in MapEntry.model_fields if row[name]} for row in stored]
    message = orjson.dumps({"org": org, "map": kind, "version": version, "entries": entries})
    await parts.producer.send(parts.settings.codemaps_topic, f"{org}|{kind}".encode(), message)
