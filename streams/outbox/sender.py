"""The sender: takes what is due and hands it to its channel. Any number may run; a lease decides who sends what.

For every delivery: 1 lease it · 2 send · 3 write down what became of it. A crash before 2 loses nothing, because the
lease runs out; a crash between 2 and 3 sends once more, with the same id.

Channels are served side by side, the deliveries of one channel one after the other. After a failure the channel is left
alone for a while, so that a receiver that is away costs one attempt and not one for each message that waits.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

import structlog

from clickhouse.channels import Channel, ChannelStore
from sanjian import metrics
from streams.outbox.delivery import MOST_ATTEMPTS, Delivery, dead, delivered, failed, leased
from streams.outbox.failures import NotDelivered
from streams.outbox.store import OutboxStore
from streams.retry import until_done

log = structlog.get_logger(__name__)

#: Of one channel in one step; steps are seconds apart.
MOST = 50
#: WeCom and DingTalk take 20 messages a minute from a robot and then none for a while; a mail server is spared, too.
PER_MINUTE: Mapping[str, int] = {"wecom": 18, "dingtalk": 18, "email": 60, "webhook": 1200}
MINUTE = timedelta(minutes=1)
#: First and longest time that a channel is left alone after a failure.
ALONE, LONGEST_ALONE = timedelta(seconds=5), timedelta(minutes=5)

#: How often it is looked for deliveries of long ago.
FAR_EVERY = timedelta(hours=1)
#: Seconds between tries to write down what became of a delivery.
LONGEST_WAIT = 5.0

#: Called after each numbered step with its number; tests crash here.
OnStep = Callable[[int], None]


class Dispatcher(Protocol):
    """Hands a notice to a channel."""

    async def send(self, channel: Channel, payload: str) -> str:
        """Returns a remark, or raises NotDelivered."""
        ...


@dataclass(slots=True)
class _Pace:
    """How a channel has been lately: when it was sent to, and until when it is left alone."""

    sent: deque[datetime] = field(default_factory=deque)
    alone: timedelta = ALONE
    until: datetime | None = None

    def ready(self, now: datetime, per_minute: int) -> bool:
        while self.sent and now - self.sent[0] >= MINUTE:
            self.sent.popleft()
        return (self.until is None or now >= self.until) and len(self.sent) < per_minute

    def failed(self, now: datetime, pause: timedelta | None) -> None:
        self.until = now + max(self.alone, pause or self.alone)
        self.alone = min(self.alone * 2, LONGEST_ALONE)

    def went(self) -> None:
        self.until, self.alone = None, ALONE


def no_step(number: int) -> None:
    """Nothing happens between the steps."""


@dataclass(slots=True)
class Sender:
    """``await sender.step()`` sends what is due. ``now`` gives the zoned time; ``spread`` varies the pauses."""

    store: OutboxStore
    channels: ChannelStore
    dispatch: Dispatcher
    now: Callable[[], datetime]
    spread: Callable[[], float] = lambda: random.uniform(0.8, 1.2)
    on_step: OnStep = no_step
    _paces: dict[str, _Pace] = field(default_factory=dict)
    _far_next: datetime | None = None

    async def step(self) -> int:
        """One round; how many deliveries were tried. Raises NotNow while ClickHouse is away.

        A bug with one message does not keep the others: it is raised when all channels are through, and the message
        is dead after its last attempt like any other.
        """
        due = await asyncio.to_thread(self._due, self.now())
        metrics.DELIVERIES_DUE.set(len(due))
        if not due:
            return 0
        channels = {channel.name: channel for channel in await asyncio.to_thread(self.channels.all)}
        due.sort(key=lambda one: one.channel)  # stable: of one channel the longest waiting first
        rounds = [
            self._serve(channels.get(name), list(waiting)) for name, waiting in groupby(due, lambda one: one.channel)
        ]
        tried = await asyncio.gather(*rounds, return_exceptions=True)
        for result in tried:
            if isinstance(result, BaseException):
                raise result
        return sum(result for result in tried if isinstance(result, int))

    def _due(self, now: datetime) -> list[Delivery]:
        """A look far back is made at first, now and then, and as long as there is something: rounds are seconds apart,
        and there may be very many deliveries that are done."""
        far = self._far_next is None or now >= self._far_next
        due = self.store.due(now, MOST, far=far)
        if far and not due:
            self._far_next = now + FAR_EVERY
        return due

    async def _serve(self, channel: Channel | None, waiting: Iterable[Delivery]) -> int:
        """The deliveries of one channel; how many were tried."""
        tried = 0
        for delivery in waiting:
            if channel is None or not channel.active:
                await self._give_up(delivery, "no_channel")
                continue
            if delivery.attempts >= MOST_ATTEMPTS:  # leased so often, and never finished
                await self._give_up(delivery, delivery.reason or "gave_out")
                continue
            pace = self._paces.setdefault(channel.name, _Pace())
            if not pace.ready(self.now(), PER_MINUTE[channel.kind]):
                break
            lease = leased(delivery, self.now())
            if not await asyncio.to_thread(self.store.take, lease):
                continue  # another sender has it
            self.on_step(1)
            tried += 1
            pace.sent.append(self.now())
            await self._deliver(channel, lease, pace)
        return tried

    async def _deliver(self, channel: Channel, lease: Delivery, pace: _Pace) -> None:
        payload = await asyncio.to_thread(self.store.payload, lease.id)
        try:
            remark = await self.dispatch.send(channel, payload)
        except NotDelivered as error:
            after = failed(lease, self.now(), error.reason, self.spread(), error.pause)
            pace.failed(self.now(), error.pause)
            log.warning("not_delivered", channel=channel.name, notice=lease.notice, attempts=lease.attempts,
                        reason=error.reason, state=after.state)  # fmt: skip
        else:
            after = delivered(lease, self.now(), remark)
            pace.went()
        self.on_step(2)
        metrics.DELIVERIES.labels(kind=channel.kind, result=after.state).inc()
        # sent is sent: as long as ClickHouse is away it is tried again here, not sent again
        await until_done("note delivery", lambda: asyncio.to_thread(self.store.take, after), LONGEST_WAIT)
        self.on_step(3)

    async def _give_up(self, delivery: Delivery, reason: str) -> None:
        if await asyncio.to_thread(self.store.take, dead(delivery, self.now(), reason)):
            log.warning("delivery_given_up", channel=delivery.channel, notice=delivery.notice, reason=reason)
