"""From the threads in which cases are worked on to the topic of alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from clickhouse.client import ClickHouse
from sanjian.errors import NotNow
from streams.positions import Publisher, Raised, publish_alerts
from streams.topics import Topic

#: Publishes notices that are kept already, and keeps their places; blocks; raises NotNow.
Publish = Callable[[Sequence[Raised], datetime], None]

#: The producer gives up sooner; this is for a loop that is stopping.
SECONDS = 30.0


def publish_on(loop: asyncio.AbstractEventLoop, publisher: Publisher, clickhouse: ClickHouse, topic: Topic) -> Publish:
    """Publishes to ``topic`` through a producer that lives on ``loop``. To be called from other threads."""

    def publish(notices: Sequence[Raised], now: datetime) -> None:
        work = asyncio.run_coroutine_threadsafe(publish_alerts(publisher, clickhouse, topic, notices, now), loop)
        try:
            work.result(SECONDS)
        except TimeoutError:
            work.cancel()
            raise NotNow("the broker does not take notices") from None

    return publish
