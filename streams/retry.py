"""The treatment of *not now*: the same work again, in place, with growing pauses, until it is done or we stop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from sanjian import metrics
from sanjian.errors import NotNow

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

#: The first pause: most failures that pass at all pass within it.
FIRST_PAUSE = 0.2


async def until_done(what: str, work: Callable[[], Awaitable[Result]], longest_pause: float) -> Result:
    """Do ``work`` until it does not raise NotNow. Other exceptions come through (they are bugs).

    :param what: names the step in the log and the metric.
    :param longest_pause: seconds; pauses double up to it, and vary so that workers do not come back all at once.
    """
    pause, tries = FIRST_PAUSE, 0
    while True:
        try:
            result = await work()
        except NotNow as error:
            tries += 1
            metrics.WAITING.labels(step=what).set(1)
            metrics.NOT_NOW.labels(step=what).inc()
            log.warning("not_now", step=what, tries=tries, pause=round(pause, 1), reason=str(error))
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))
            pause = min(pause * 2, longest_pause)
        else:
            if tries:
                metrics.WAITING.labels(step=what).set(0)
                log.info("going_on", step=what, tries=tries)
            return result
