"""WS /api/v1/submissions/{submission}/live: how far a submission is, whenever that changes, until it has ended.

Each frame is the answer of ``GET /api/v1/submissions/{submission}``. Who calls, how many may listen and what a
connection is closed with is as for alerts (``api/live/codes.py``); 1000 says that the submission has ended.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, WebSocket

from api.accounts.principal import Principal
from api.accounts.standing import standing
from api.depends import Parts, Seen, right
from api.live.clients import HEARTBEAT_SECONDS
from api.live.codes import BUG, TRY_AGAIN, UNAUTHORIZED
from api.live.seats import seated
from api.routes.submissions import found_submission
from api.services import Services
from sanjian.errors import NotNow

router = APIRouter(tags=["病案首页上报 submissions"])
_ENDED = 1000


@router.websocket("/api/v1/submissions/{submission}/live")
async def live(
    socket: WebSocket, submission: str, who: Annotated[Principal, Depends(right("submissions.read"))], parts: Parts,
    seen: Seen,
) -> None:  # fmt: skip
    """See the module's docstring."""
    one, _ = await found_submission(parts, seen, submission)
    with ExitStack() as seats:
        if not await seated(socket, parts.seats, who, seats):
            return
        code = await _serve(socket, parts, who, one.id)
        with suppress(RuntimeError):  # it has left by itself
            await socket.close(code)


async def _serve(socket: WebSocket, parts: Services, who: Principal, ident: str) -> int:
    """Send until the submission ends, the client leaves, or may not listen any more; what to close with."""
    tasks = [
        asyncio.create_task(_send(socket, parts, ident)), asyncio.create_task(_left(socket)),
        asyncio.create_task(_stands(parts, who)),
    ]  # fmt: skip
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    except NotNow:
        return TRY_AGAIN
    except Exception:
        with suppress(RuntimeError):
            await socket.close(BUG)
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: WebSocket, parts: Services, ident: str) -> int:
    async for frame in parts.watched.follow(ident):
        await socket.send_text(frame.decode())
    return _ENDED


async def _left(socket: WebSocket) -> int:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass  # what a client says is not listened to
    return _ENDED


async def _stands(parts: Services, who: Principal) -> int:
    """Until the token or session of this client has ended, or it may see other institutions."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        with suppress(NotNow):
            now = await to_thread.run_sync(standing, parts.accounts, parts.directory, [who])
            if not now.holds(who) or not now.sees_the_same(who):
                return UNAUTHORIZED
