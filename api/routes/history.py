"""The history of what people keep: who changed which entry of the schedule, quiet times, declarations and thresholds,
when, from what to what."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.depends import Seen, refusals, right
from api.errors import ApiError
from api.models_history import SettingChange, SettingHistoryAnswer
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.schedule import EVERY

router = APIRouter()

ReadingSchedule = Annotated[Principal, Depends(right("schedule.read"))]
ReadingThresholds = Annotated[Principal, Depends(right("thresholds.read"))]
ReadingDeclarations = Annotated[Principal, Depends(right("declarations.read"))]
OrgAsked = Annotated[str, Query(max_length=22, description="机构代码，* 为对所有机构的 institution; *: of every one")]
TableAsked = Annotated[str, Query(max_length=64, description="标准表，* 为对所有表的 table; *: of every one")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@router.get(
    "/api/v1/schedule/history", summary="上传计划的修改记录 Changes", tags=["上传计划 schedule"],
    responses=refusals(403, 422),
)  # fmt: skip
async def schedule(
    *, who: ReadingSchedule, seen: Seen, org: OrgAsked = "", table: TableAsked = "", limit: Limit = 100,
    offset: Offset = 0,
) -> SettingHistoryAnswer:  # fmt: skip
    """谁、何时、由什么改成什么；新的在前。Who changed what when, from what to what; the newest first."""
    return await to_thread.run_sync(_history, seen, who, "schedule", org, table, limit, offset)


@router.get(
    "/api/v1/quiet-times/history", summary="静默时段的修改记录 Changes", tags=["上传计划 schedule"],
    responses=refusals(403, 422),
)  # fmt: skip
async def quiet_times(
    *, who: ReadingSchedule, seen: Seen, org: OrgAsked = "", table: TableAsked = "", limit: Limit = 100,
    offset: Offset = 0,
) -> SettingHistoryAnswer:  # fmt: skip
    """谁、何时、由什么改成什么；新的在前。Who changed what when, from what to what; the newest first."""
    return await to_thread.run_sync(_history, seen, who, "quiet_times", org, table, limit, offset)


@router.get(
    "/api/v1/declarations/history", summary="申报数的修改记录 Changes", tags=["申报 declarations"],
    responses=refusals(403, 422),
)  # fmt: skip
async def declarations(
    *, who: ReadingDeclarations, seen: Seen, org: OrgAsked = "", limit: Limit = 100, offset: Offset = 0
) -> SettingHistoryAnswer:
    """谁、何时、由什么改成什么；新的在前。Who changed what when, from what to what; the newest first."""
    return await to_thread.run_sync(_history, seen, who, "declarations", org, "", limit, offset)


@router.get(
    "/api/v1/thresholds/history", summary="阈值的修改记录 Changes", tags=["阈值 thresholds"],
    responses=refusals(403, 422),
)  # fmt: skip
async def thresholds(
    *, who: ReadingThresholds, seen: Seen,
    name: Annotated[str, Query(description="阈值，空为全部 threshold; empty: all", max_length=64)] = "",
    org: OrgAsked = "", table: TableAsked = "", limit: Limit = 100, offset: Offset = 0,
) -> SettingHistoryAnswer:  # fmt: skip
    """谁、何时、由什么改成什么；新的在前。Who changed what when, from what to what; the newest first."""
    return await to_thread.run_sync(_history, seen, who, "thresholds", org, table, limit, offset, name)


def _history(
    seen: Reader, who: Principal, kind: str, org: str, table: str, limit: int, offset: int, name: str = ""
) -> SettingHistoryAnswer:
    """Raises ApiError other_org."""
    if org not in ("", EVERY) and not who.sees(org):
        raise ApiError("other_org")
    wanted: dict[str, Any] = {"kind": kind, "org": org, "table": table.upper(), "name": name}
    total = int(seen.rows(load_query("setting_history_count"), wanted)[0]["changes"])
    rows = seen.rows(load_query("setting_history"), wanted | {"limit": limit, "offset": offset})
    following = offset + len(rows)
    return SettingHistoryAnswer(
        total=total, limit=limit, offset=offset, next_offset=following if rows and following < total else None,
        changes=[
            SettingChange(**row | {name: _entry(row[name]) for name in ("before", "after")}) for row in rows
        ],
    )  # fmt: skip


def _entry(value: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = orjson.loads(value) if value else None
    return found
