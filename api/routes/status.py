"""Where everything stands: /api/v1/status, institutions' totals, and what the first page may show without a token."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.depends import PUBLIC, Parts, refusals, right
from api.models import (
    BrokerAnswer,
    ClickHouseAnswer,
    OrgTotals,
    OrgTotalsAnswer,
    PartitionAnswer,
    PublicSummary,
    StatusAnswer,
    TableName,
    TablesAnswer,
    WorkerAnswer,
)
from api.ports import Ports
from api.snapshot import Standing
from clickhouse.query import load_query
from sanjian.errors import NotNow

router = APIRouter(tags=["状态 status"])

#: What the page lists.
PAGE_ALERTS, PAGE_ORGS = 20, 200
#: Of an alert without institution-internal detail: what a demonstration shows to anybody.
_SHOWN = ("id", "kind", "org", "table", "severity", "raised_at", "counts", "rules")
#: Of a notice about a case besides; who did what is nobody's business.
_SHOWN_OF_CASES = ("biz_date", "zh", "en", "fix_zh", "fix_en")


@router.get("/api/v1/status", summary="运行状态 Where everything stands", responses=refusals())
async def status(_: Annotated[Principal, Depends(right("status.read"))], parts: Parts) -> StatusAnswer:
    """计数为全平台合计，不含机构明细，不含测试机构。Totals of the whole platform, without test institutions."""
    now = await parts.snapshot.standing()
    return StatusAnswer(
        version=parts.version, standard=parts.standard.version, at=now.at, total=dict(now.total), today=dict(now.today),
        lag=lag(now), partitions=_partitions(now),
        broker=BrokerAnswer(
            embedded=parts.settings.embedded_broker, addresses=parts.bootstrap, answers=now.broker_answers,
            memory_bytes=broker_memory(parts.ports),
        ),
        clickhouse=ClickHouseAnswer(
            embedded=parts.clickhouse.embedded, answers=now.clickhouse_answers, database=parts.clickhouse.database
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


@router.get(
    "/api/v1/public/summary", summary="首页合计（无需登录）Totals for the first page, no login", dependencies=[PUBLIC]
)
async def public_summary(parts: Parts) -> PublicSummary:
    """只有合计；演示模式另有机构、表和计数。Totals only; in a demonstration also institution, table and counts."""
    now = await parts.snapshot.standing()
    shown: tuple[list[dict[str, Any]] | None, list[dict[str, Any]] | None] = (None, None)
    if parts.demo:
        shown = await _demo(parts)
    return PublicSummary(
        version=parts.version, at=now.at, demo=parts.demo, total=dict(now.total), today=dict(now.today), lag=lag(now),
        partitions=_partitions(now), throughput=list(now.throughput), embedded_broker=parts.settings.embedded_broker,
        broker_answers=now.broker_answers, broker_memory_bytes=broker_memory(parts.ports),
        embedded_clickhouse=parts.clickhouse.embedded, clickhouse_answers=now.clickhouse_answers,
        worker=worker(parts.ports), alerts=shown[0], orgs=shown[1],
    )  # fmt: skip


@router.get("/api/v1/public/tables", summary="标准表（无需登录）Standard tables, no login", dependencies=[PUBLIC])
async def tables(parts: Parts) -> TablesAnswer:
    """表名、主键和业务日期列。Names, keys and business-date columns."""
    found = [
        TableName(
            table=one.name, name_zh=one.name_zh, name_en=one.name_en, key=list(one.key), biz_date=one.biz_date,
            columns=len(one.columns),
        )
        for one in parts.standard.tables.values()
    ]  # fmt: skip
    return TablesAnswer(version=parts.standard.version, tables=found)


async def _demo(parts: Parts) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    since = {"org": "", "since": parts.now() - timedelta(days=1), "limit": PAGE_ALERTS, "offset": 0}
    try:
        orgs = await parts.snapshot.orgs()
        rows = await to_thread.run_sync(parts.clickhouse.rows, load_query("alerts_recent"), since)
    except NotNow:
        return [], []
    payloads = [orjson.loads(row["payload"]) for row in rows]
    alerts = [_shown(payload) for payload in payloads]
    return alerts, [_org(row).model_dump(mode="json") for row in orgs if not row["test"]][:PAGE_ORGS]


def _shown(payload: dict[str, Any]) -> dict[str, Any]:
    shown = {name: payload.get(name) for name in _SHOWN}
    if payload.get("case"):
        shown |= {name: payload[name] for name in _SHOWN_OF_CASES} | {"case": {"state": payload["case"]["state"]}}
    return shown


def lag(now: Standing) -> int | None:
    """Messages not landed yet in all partitions; None when one is not known."""
    lags = [one.lag for one in now.partitions]
    return None if None in lags else sum(one or 0 for one in lags)


def worker(ports: Ports) -> WorkerAnswer:
    """The worker of this process as an answer."""
    if ports.worker is None:
        return WorkerAnswer(here=False, running=False, progressing=False, detail="")
    return WorkerAnswer(here=True, **asdict(ports.worker()))


def broker_memory(ports: Ports) -> int | None:
    """Bytes that the embedded broker holds."""
    return ports.broker_memory() if ports.broker_memory else None


def _partitions(now: Standing) -> list[PartitionAnswer]:
    return [PartitionAnswer(**asdict(one)) for one in now.partitions]


def _org(row: dict[str, Any]) -> OrgTotals:
    return OrgTotals(**{**row, "test": bool(row["test"])})
