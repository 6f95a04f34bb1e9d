"""Where each alert stands in the topic of alerts: what a client that comes back has not seen yet is read from there.

Whoever publishes alerts writes the places that the broker told it *before* it notes the work as done. A crash in
between has the work done again: the alert is published a second time, at another place, with the same id. So a place
without a row is an alert that comes again later, never one that is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import polars as pl

from clickhouse.client import ClickHouse
from streams.producer import Headers, Sent
from streams.shape import MOMENT
from streams.topics import Topic

TABLE = "alert_positions"


class Raised(Protocol):
    """An alert as it is published: ``payload`` is a JSON object with the same ``id``, and it is in ``alerts``."""

    @property
    def id(self) -> str:
        """The same alert has the same id whenever it is published again."""

    @property
    def org(self) -> str:
        """The institution; empty when the sender could not be read."""

    @property
    def raised_at(self) -> datetime:
        """As in the table ``alerts``, zoned."""

    @property
    def payload(self) -> bytes:
        """JSON as published."""


class Publisher(Protocol):
    """Produces messages and returns when the broker has them all. Raises NotNow."""

    async def publish(self, topic: str, messages: Sequence[tuple[str, bytes, Headers]]) -> list[Sent]:
        """:param messages: (key, value, headers) each. Returns where each of them is."""


def positions_frame(alerts: Sequence[Raised], sent: Sequence[Sent], epoch: str, now: datetime) -> pl.DataFrame:
    """Rows of ``alert_positions``: ``sent`` tells where the broker put each of ``alerts``.

    :param epoch: id of the topic; offsets of a topic that was made anew begin at 0 again.
    """
    return pl.DataFrame(
        {
            "epoch": [epoch] * len(sent), "partition": [place.partition for place in sent],
            "offset": [place.offset for place in sent], "id": [alert.id for alert in alerts],
            "org": [alert.org for alert in alerts], "raised_at": [alert.raised_at for alert in alerts],
            "published_at": [now] * len(sent),
        },
        schema_overrides={"partition": pl.UInt32, "offset": pl.UInt64, "raised_at": MOMENT, "published_at": MOMENT},
    )  # fmt: skip


async def publish_alerts(
    publisher: Publisher, clickhouse: ClickHouse, topic: Topic, alerts: Sequence[Raised], now: datetime
) -> None:
    """Publish alerts that are landed already, and keep their places. Raises NotNow; doing it again keeps the ids."""
    if alerts:
        sent = await publisher.publish(topic.name, [(alert.org, alert.payload, []) for alert in alerts])
        await asyncio.to_thread(clickhouse.insert, TABLE, positions_frame(alerts, sent, topic.id, now))
