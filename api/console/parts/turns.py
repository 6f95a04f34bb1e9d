"""Showing something anew while it is still being shown: one after the other, and only what was asked for last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


def in_turn(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """``work`` that never runs twice at once: an answer that comes late would stand in place of a newer one, or beside
    it. Of those who wait only the last one does it; it reads what is chosen when its turn comes."""
    lock, last = asyncio.Lock(), 0

    async def turn() -> None:
        nonlocal last
        last += 1
        mine = last
        async with lock:
            if mine == last:
                await work()

    return turn
