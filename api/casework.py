"""What the routes of cases, channels and deliveries work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from anyio import from_thread

from clickhouse.channels import ChannelStore
from clickhouse.client import ClickHouse
from clickhouse.thresholds import ThresholdStore
from sanjian.settings import Settings
from streams.cases import loop
from streams.cases.cases import Cases
from streams.outbox.dispatch import Dispatch
from streams.outbox.mail import mail_server
from streams.outbox.store import OutboxStore
from streams.positions import Raised, publish_alerts
from streams.producer import Producer
from streams.topics import Topic
from streams.watch.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Casework:
    """Stores block: call them through a thread; so does ``cases``, which also publishes from there, and ``due``."""

    cases: Cases
    channels: ChannelStore
    outbox: OutboxStore
    dispatch: Dispatch
    thresholds: ThresholdStore

    def due(self, asked: datetime | None) -> loop.Due:
        """Until when a stage should be done: what was asked for, else by the thresholds as they are set now."""
        return loop.due_by(Thresholds(self.thresholds.all()).value, asked)


def casework(
    settings: Settings, clickhouse: ClickHouse, producer: Producer, alerts: Topic, now: Callable[[], datetime]
) -> Casework:
    """:param now: UTC. Raises Misconfigured when SANJIAN_SMTP cannot be read."""

    def publish(notices: Sequence[Raised], at: datetime) -> None:
        from_thread.run(publish_alerts, producer, clickhouse, alerts, notices, at)

    return Casework(
        cases=Cases(clickhouse, publish, public_url=settings.public_url),
        channels=ChannelStore(clickhouse, now),
        outbox=OutboxStore(clickhouse),
        dispatch=Dispatch(mail_server(settings.smtp, settings.smtp_from), now),
        thresholds=ThresholdStore(clickhouse, now),
    )
