"""WS /api/v1/alerts: alerts as they are raised; GET /api/v1/alerts: the last ones.

A client shows its token in the Authorization header or, in a browser, as the first message {"token": "…"}. Then it
gets {"kind":"hello",…}, from which on no alert is missed, the alerts, and {"kind":"heartbeat",…} in between.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from api.depends import Anybody, Parts, bearer, org_scope, refusals
from api.errors import ApiError
from api.hub import Client
from api.models import AlertsAnswer
from api.services import Services
from api.tokens import Principal
from api.wire import SHANGHAI, iso
from clickhouse.query import load_query
from sanjian import metrics

router = APIRouter(tags=["告警 alerts"])

#: A browser's first message carries the token; who says nothing for so long is not a client.
TOKEN_SECONDS = 5.0
#: Between heartbeats, also the time until a token that was taken back stops working here.
HEARTBEAT_SECONDS = 15.0
#: How long a hello waits for the broker; then it says "live": false.
LIVE_SECONDS = 3.0
#: A closing handshake with a client that does not read ends after this.
CLOSE_SECONDS = 2.0
TOO_SLOW, UNAUTHORIZED, FORBIDDEN = 1013, 4401, 4403


@router.get("/api/v1/alerts", summary="最近的告警 The last alerts", responses=refusals(403, 422))
async def alerts(
    who: Anybody,
    parts: Parts,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    since: Annotated[datetime | None, Query(description="此时刻及以后 raised then or later")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
) -> AlertsAnswer:
    """最新的在前；断线后可用 since 补取。Newest first; after a break use since to fetch what was missed."""
    moment = since or parts.now() - timedelta(days=30)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    wanted = {"org": org_scope(who, org), "since": moment, "limit": limit}
    rows = await to_thread.run_sync(parts.clickhouse.rows, load_query("alerts_recent"), wanted)
    return AlertsAnswer(alerts=[orjson.loads(row["payload"]) for row in rows])


@router.websocket("/api/v1/alerts")
async def alert_stream(socket: WebSocket) -> None:
    """See the module's docstring. Closes with 4401 (token), 4403 (another institution), 1013 (does not keep up)."""
    parts: Services = socket.app.state.services
    await socket.accept()
    try:
        token, who = await _who(socket, parts)
        org = org_scope(who, socket.query_params.get("org", ""))
    except ApiError as error:
        await socket.close(FORBIDDEN if error.status == 403 else UNAUTHORIZED, error.code)
        return
    except (WebSocketDisconnect, TimeoutError):
        with suppress(RuntimeError):
            await socket.close(UNAUTHORIZED, "no_token")
        return
    with parts.hub.listen(org) as client:
        await _serve(socket, parts, client, token)


async def _who(socket: WebSocket, parts: Services) -> tuple[str, Principal]:
    if "token" in socket.query_params:
        raise ApiError("token_in_url")
    header = socket.headers.get("authorization")
    if header is None:
        async with asyncio.timeout(TOKEN_SECONDS):
            first = await socket.receive_text()
        try:
            said = orjson.loads(first)
            header = f"Bearer {said['token']}"
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ApiError("no_token") from None
    return header, bearer(parts.tokens, header)


async def _serve(socket: WebSocket, parts: Services, client: Client, token: str) -> None:
    """Send until the client leaves, falls behind or loses its token."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LIVE_SECONDS):
            await parts.hub.live.wait()
    tasks = {
        asyncio.create_task(_send(socket, parts, client, token), name="send"),
        asyncio.create_task(_receive(socket), name="receive"),
        asyncio.create_task(client.overflowed.wait(), name="overflow"),
    }
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, (WebSocketDisconnect, RuntimeError)):
            raise result  # a bug
    names = {task.get_name() for task in done}
    if "overflow" in names:
        metrics.ALERT_CLIENTS_SLOW.inc()
        await _close(socket, TOO_SLOW, "too_slow")
    elif "receive" not in names and not any(isinstance(result, WebSocketDisconnect) for result in results):
        await _close(socket, UNAUTHORIZED, "bad_token")


async def _send(socket: WebSocket, parts: Services, client: Client, token: str) -> None:
    """Returns when the token does not hold any more."""
    await socket.send_text(_note("hello", parts, org=client.org))
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):  # wait_for swallows a cancellation when an alert is there
                alert = await client.alerts.get()
        except TimeoutError:
            try:
                bearer(parts.tokens, token)
            except ApiError:
                return
            await socket.send_text(_note("heartbeat", parts))
        else:
            await socket.send_text(alert)
            metrics.ALERTS_SENT.inc()


async def _receive(socket: WebSocket) -> None:
    """What a client says after its token is not listened to; that it leaves is."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(CLOSE_SECONDS):
            await socket.close(code, reason)


def _note(kind: str, parts: Services, **more: Any) -> str:
    return orjson.dumps({"kind": kind, "at": iso(parts.now()), "live": parts.hub.live.is_set(), **more}).decode()
