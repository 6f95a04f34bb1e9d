"""/health/live, /health/ready and /metrics: for the machinery around us. Nothing here needs a token or shows data."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.depends import PUBLIC, Parts
from api.models import HealthAnswer
from api.routes.status import broker_memory, worker
from sanjian import metrics

router = APIRouter(tags=["运维 operations"], dependencies=[PUBLIC])


@router.get("/health/live", summary="进程存活 The process answers")
async def live() -> HealthAnswer:
    """能回答即存活。Answering is being alive."""
    return HealthAnswer(ready=True, checks={})


@router.get("/health/ready", summary="可用 Progress, not port", responses={503: {"model": HealthAnswer}})
async def ready(response: Response, parts: Parts) -> HealthAnswer:
    """ClickHouse、消息代理、告警流和本进程的 worker 都在工作才算可用；否则 503。
    Ready when ClickHouse, broker, alert stream and this process's worker make progress; otherwise 503."""
    now = await parts.snapshot.progress()
    here = worker(parts.ports)
    checks = {
        "clickhouse": now.clickhouse_answers,
        "broker": now.broker_answers,
        "alert_stream": parts.hub.live.is_set(),
        **({"worker": here.running and here.progressing} if here.here else {}),
    }
    answer = HealthAnswer(ready=all(checks.values()), checks=checks, detail=here.detail)
    if not answer.ready:
        response.status_code = 503
    return answer


@router.get("/metrics", summary="Prometheus", response_class=Response)
async def prometheus(parts: Parts) -> Response:
    """Prometheus 文本格式，不含个人和机构数据。Text format; no personal and no institution's data."""
    await parts.snapshot.progress()  # the lag as of now
    metrics.BROKER_MEMORY.set(broker_memory(parts.ports) or 0)
    return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)
