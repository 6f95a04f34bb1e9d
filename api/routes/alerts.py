"""WS /api/v1/alerts: alerts as they are raised; GET /api/v1/alerts: the last ones.

A client shows its token in the Authorization header or, in a browser, as the first message {"token": "…"}. Then it
gets {"kind":"hello",…}, the alerts, and {"kind":"heartbeat",…} in between. Every message has a ``cursor``: a client
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
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from api.depends import Anybody, Parts, bearer, org_scope, refusals
from api.errors import ApiError
from api.live.clients import Badge, Client
from api.live.codes import BUG, FORBIDDEN, TOO_MANY, TRY_AGAIN, UNAUTHORIZED
from api.live.outlet import outlet_of
from api.live.resume import resume
from api.models import AlertsAnswer
from api.services import Services
from api.wire import SHANGHAI
from clickhouse.query import load_query

router = APIRouter(tags=["告警 alerts"])

#: A browser's first message carries the token; who says nothing for so long is not a client.
TOKEN_SECONDS = 5.0
#: How long a hello waits for the broker; then it says "live": false.
LIVE_SECONDS = 3.0


@router.get("/api/v1/alerts", summary="最近的告警 The last alerts", responses=refusals(403, 422))
async def alerts(
    who: Anybody,
    parts: Parts,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    since: Annotated[datetime | None, Query(description="此时刻及以后 raised then or later")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> AlertsAnswer:
    """最新的在前；断线后可用 since 补取。Newest first; after a break use since to fetch what was missed."""
    moment = since or parts.now() - timedelta(days=30)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    wanted = {"org": org_scope(who, org), "since": moment, "limit": limit, "offset": offset}
    rows = await to_thread.run_sync(parts.clickhouse.rows, load_query("alerts_recent"), wanted)
    return AlertsAnswer(alerts=[orjson.loads(row["payload"]) for row in rows])


@router.websocket("/api/v1/alerts")
async def alert_stream(socket: WebSocket) -> None:
    """See the module's docstring and ``api/live/codes.py``."""
    parts: Services = socket.app.state.services
    with ExitStack() as seats:
        try:
            seats.enter_context(parts.seats.seat())
            header = socket.headers.get("authorization")
            if header is not None:
                seats.enter_context(parts.seats.of_token(_token(header)))
        except ApiError as error:
            await socket.send_denial_response(error.response())
            return
        await socket.accept()
        outlet = outlet_of(socket)
        try:
            badge = await _badge(socket, parts)
            org = org_scope(badge.who, socket.query_params.get("org", ""))
            if header is None:
                seats.enter_context(parts.seats.of_token(badge.token))
        except ApiError as error:
            outlet.cut({403: FORBIDDEN, 429: TOO_MANY}.get(error.status, UNAUTHORIZED), error.code)
        except (WebSocketDisconnect, TimeoutError):
            outlet.cut(UNAUTHORIZED, "no_token")
        else:
            await _serve(socket, parts, Client(outlet, org, badge, parts.settings.alert_buffer_bytes))


def _token(header: str) -> str:
    return header.partition(" ")[2].strip()


async def _badge(socket: WebSocket, parts: Services) -> Badge:
    if "token" in socket.query_params:
        raise ApiError("token_in_url")
    header = socket.headers.get("authorization")
    if header is None:
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                said = orjson.loads(await socket.receive_text())
            header = f"Bearer {said['token']}"
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ApiError("no_token") from None
    version = parts.tokens.version
    return Badge(_token(header), bearer(parts.tokens, header), version)


async def _serve(socket: WebSocket, parts: Services, client: Client) -> None:
    """Bring the client up to date and be there until it leaves; the hub writes to it without us."""
    resuming = asyncio.create_task(_resume(socket, parts, client))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass  # what a client says after its token is not listened to
    finally:
        resuming.cancel()
        with suppress(asyncio.CancelledError):
            await resuming
        parts.hub.clients.leave(client)


async def _resume(socket: WebSocket, parts: Services, client: Client) -> None:
    hub = parts.hub
    with suppress(TimeoutError):
        async with asyncio.timeout(LIVE_SECONDS):
            await asyncio.gather(hub.live.wait(), hub.ready.wait())
    if not hub.ready.is_set():  # where we stand in the stream is not known yet
        client.cut(TRY_AGAIN, "not_now")
        return
    try:
        await resume(client, socket.query_params.get("cursor", ""), hub, parts.history)
    except Exception:
        client.cut(BUG, "internal")
        raise
