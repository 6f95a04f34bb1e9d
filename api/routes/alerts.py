"""WS /api/v1/alerts: alerts as they are raised; GET /api/v1/alerts: the last ones.

A machine shows its token in the Authorization header, a browser its session's cookie. Then it gets
{"kind":"hello",…}, the alerts, and {"kind":"heartbeat",…} in between. Every message has a ``cursor``: a client
that comes back with the last one (?cursor=…) is told ``"recovered": true`` and gets all that it has missed, or
``"recovered": false`` and has to fetch the last alerts itself.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from typing import Annotated

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, WebSocket

from api.accounts.principal import Principal
from api.depends import Parts, Seen, org_scope, refusals, right
from api.live.clients import Client
from api.live.codes import BUG, TRY_AGAIN
from api.live.outlet import outlet_of
from api.live.resume import resume
from api.live.seats import seated
from api.models import AlertsAnswer
from api.services import Services
from api.wire import SHANGHAI
from clickhouse.query import load_query

router = APIRouter(tags=["告警 alerts"])

#: How long a hello waits for the broker; then it says "live": false.
LIVE_SECONDS = 3.0


@router.get("/api/v1/alerts", summary="最近的告警 The last alerts", responses=refusals(403, 422))
async def alerts(
    who: Annotated[Principal, Depends(right("alerts.read"))],
    parts: Parts,
    seen: Seen,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    since: Annotated[datetime | None, Query(description="此时刻及以后 raised then or later")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> AlertsAnswer:
    """最新的在前；断线后可用 since 补取。Newest first; after a break use since to fetch what was missed."""
    moment = since or parts.now() - timedelta(days=30)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    wanted = {"org": org_scope(who, org), "since": moment, "limit": limit, "offset": offset}
    rows = await to_thread.run_sync(seen.rows, load_query("alerts_recent"), wanted)
    return AlertsAnswer(alerts=[orjson.loads(row["payload"]) for row in rows])


@router.websocket("/api/v1/alerts")
async def alert_stream(
    socket: WebSocket, who: Annotated[Principal, Depends(right("alerts.read"))], parts: Parts, org: str = "",
    cursor: str = "",
) -> None:  # fmt: skip
    """See the module's docstring and ``api/live/codes.py``."""
    org = org_scope(who, org)
    with ExitStack() as seats:
        if not await seated(socket, parts.seats, who, seats):
            return
        await _serve(socket, parts, Client(outlet_of(socket), who, org, parts.settings.alert_buffer_bytes), cursor)


async def _serve(socket: WebSocket, parts: Services, client: Client, cursor: str) -> None:
    """Bring the client up to date and be there until it leaves; the hub writes to it without us."""
    resuming = asyncio.create_task(_resume(parts, client, cursor))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass  # what a client says is not listened to
    finally:
        resuming.cancel()
        with suppress(asyncio.CancelledError):
            await resuming
        parts.hub.clients.leave(client)


async def _resume(parts: Services, client: Client, cursor: str) -> None:
    hub = parts.hub
    with suppress(TimeoutError):
        async with asyncio.timeout(LIVE_SECONDS):
            await asyncio.gather(hub.live.wait(), hub.ready.wait())
    if not hub.ready.is_set():  # where we stand in the stream is not known yet
        client.cut(TRY_AGAIN, "not_now")
        return
    try:
        await resume(client, cursor, hub, parts.history)
    except Exception:
        client.cut(BUG, "internal")
        raise
