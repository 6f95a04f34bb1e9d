"""Many small calls made as one: what comes in while a call is under way goes into the next call.

A ClickHouse insert of one row costs as much as one of a thousand, and a table that gets many small inserts stops
taking them. Nothing waits for a timer: a lone call goes at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from anyio import to_thread

In = TypeVar("In")
Out = TypeVar("Out")


class Together(Generic[In, Out]):
    """``await together(item)`` gives the result of ``work([… item …])`` for that item; its failure is everybody's."""

    def __init__(self, work: Callable[[Sequence[In]], Sequence[Out]], most: int = 1000) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, item: In) -> Out:
        """The result for ``item``; raises what ``work`` raises."""
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            now, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                results = await to_thread.run_sync(self._work, [item for item, _ in now])
            except Exception as error:  # handed to those who wait, who treat it
                for _, future in now:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), result in zip(now, results, strict=True):
                    if not future.done():
                        future.set_result(result)
