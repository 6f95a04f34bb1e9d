"""Where everything stands: /api/v1/status and institutions' totals."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.models import (
    BrokerAnswer,
    ClickHouseAnswer,
    OrgTotals,
    OrgTotalsAnswer,
    PartitionAnswer,
    StatusAnswer,
    WorkerAnswer,
)
from api.ports import Ports

router = APIRouter(tags=["状态 status"])


@router.get("/api/v1/status", summary="运行状态 Where everything stands", responses=refusals())
async def status(_: Annotated[Principal, Depends(right("status.read"))], parts: Parts) -> StatusAnswer:
    """计数为全平台合计，不含机构明细，不含测试机构。Totals of the whole platform, without test institutions."""
    now = await parts.snapshot.standing()
    return StatusAnswer(
        version=parts.version, standard=parts.standard.version, at=now.at, total=dict(now.total), today=dict(now.today),
        lag=now.progress.lag, partitions=[PartitionAnswer(**asdict(one)) for one in now.progress.partitions],
        broker=BrokerAnswer(
            embedded=parts.settings.embedded_broker, addresses=parts.bootstrap, answers=now.progress.broker_answers,
            memory_bytes=broker_memory(parts.ports),
        ),
        clickhouse=ClickHouseAnswer(
            embedded=parts.clickhouse.embedded, answers=now.progress.clickhouse_answers,
            database=parts.clickhouse.database,
        ),
        worker=worker(parts.ports), alert_stream=parts.hub.live.is_set(),
    )  # fmt: skip


@router.get("/api/v1/orgs/totals", summary="各机构合计 Totals by institution", responses=refusals())
async def org_totals(
    who: Annotated[Principal, Depends(right("orgs.totals"))],
    parts: Parts,
    test: Annotated[bool, Query(description="是否含测试机构 with test institutions")] = False,
) -> OrgTotalsAnswer:
    """只含可查看的机构；测试机构要另行要求，只能看测试机构的除外。
    Institutions that one may see; test ones when asked for, or when one sees no others."""
    shown = test or who.role in ("hospital", "tester")
    rows = [row for row in await parts.snapshot.orgs() if who.sees(row["org"])]
    return OrgTotalsAnswer(orgs=[_org(row) for row in rows if shown or not row["test"]])


def worker(ports: Ports) -> WorkerAnswer:
    """The worker of this process as an answer."""
    if ports.worker is None:
        return WorkerAnswer(here=False, running=False, progressing=False, detail="")
    return WorkerAnswer(here=True, **asdict(ports.worker()))


def broker_memory(ports: Ports) -> int | None:
    """Bytes that the embedded broker holds."""
    return ports.broker_memory() if ports.broker_memory else None


def _org(row: dict[str, Any]) -> OrgTotals:
    return OrgTotals(**{**row, "test": bool(row["test"])})
