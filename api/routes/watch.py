"""For operators: whether the watch runs, how far our ingest is, and what holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends

from api.accounts.principal import Principal
from api.depends import Parts, Seen, refusals, right
from api.models import Answer, Moment
from api.services import Services
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

router = APIRouter(tags=["运维 operations"])

NEVER_RAN = {"at": None, "watcher": "", "watermark": None, "lag": 0, "firing": 0, "took_ms": 0}
#: Outages that are still worth knowing.
OUTAGE_DAYS = 7


class WatchOutage(Answer):
    """A time in which the watch did not run."""

    starts_at: Moment
    ends_at: Moment


class WatchAnswer(Answer):
    """The last run of the watch; without one the times are null. ``running``: it ran when it should have.

    ``watermark``: what arrived before it has landed. ``lag``: messages that wait. ``firing``: conditions that hold,
    ``cases`` those by kind that are not resolved, of institutions that one may see.
    """

    running: bool
    at: Moment | None
    watcher: str
    watermark: Moment | None
    lag: int
    firing: int
    took_ms: int
    cases: dict[str, int]
    outages: list[WatchOutage]


@router.get("/api/v1/watch", summary="监测状态 How the watch is", responses=refusals(403))
async def watch(_: Annotated[Principal, Depends(right("watch.read"))], parts: Parts, seen: Seen) -> WatchAnswer:
    """监测最近一次运行、入库水位与当前告警数。The last run of the watch, the watermark and what holds."""
    return await to_thread.run_sync(_read, parts, seen)


def _read(parts: Services, seen: Reader) -> WatchAnswer:
    now = parts.now()
    rows = seen.rows(load_query("watch_last"))
    last: dict[str, Any] = rows[0] if rows else NEVER_RAN
    late = timedelta(seconds=max(60.0, parts.settings.watch_seconds * 3))
    kinds = seen.rows(load_query("watch_cases"))
    outages = [
        WatchOutage(starts_at=one.starts_at, ends_at=one.ends_at)
        for one in parts.quiet_times.all()
        if one.kind == "outage" and now - one.ends_at < timedelta(days=OUTAGE_DAYS)
    ]
    return WatchAnswer(
        **last,
        running=last["at"] is not None and now - last["at"] < late,
        cases={row["kind"]: row["cases"] for row in kinds},
        outages=outages,
    )
