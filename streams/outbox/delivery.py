"""A delivery and what becomes of it. Pure: state in, next step out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from clickhouse.channels import Channel
from clickhouse.client import SHANGHAI
from streams.cases.notice import Notice
from streams.watch.conditions import SEVERITIES

State = Literal["pending", "leased", "delivered", "failed", "dead"]
STATES: tuple[State, ...] = ("pending", "leased", "delivered", "failed", "dead")

#: Longer than any attempt takes: whoever holds a lease has finished or died.
LEASE = timedelta(minutes=3)
#: First and longest pause between attempts; each is three times the one before.
PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=4)
#: With these pauses the last attempt is more than a day after the first: a receiver may be away overnight.
MOST_ATTEMPTS = 14


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one channel, after its newest step; the columns of ``outbox``.

    ``not_before``: leased until, or the next attempt; ``attempts`` counts leases. ``payload`` is the notice's JSON,
    kept in the first step only.
    """

    id: str
    version: int
    at: datetime
    channel: str
    org: str
    notice: str
    kind: str
    state: State
    attempts: int
    not_before: datetime
    reason: str
    payload: str


def delivery_id(raised_at: datetime, notice: str, channel: str) -> str:
    """The same notice and channel give the same id. Ids sort by time, so what is old is not read again and again."""
    digest = hashlib.blake2b(f"{notice}/{channel}".encode(), digest_size=10).hexdigest()
    return id_from(raised_at) + digest


def id_from(moment: datetime) -> str:
    """What ids of deliveries of this moment and later are not smaller than."""
    return f"{round(moment.timestamp() * 1000):012x}"


def wants(channel: Channel, notice: Notice, tests: Collection[str]) -> bool:
    """Whether a notice goes to this channel.

    :param tests: test institutions; nobody hears of them but channels that name them.
    """
    if not channel.active or channel.digest != (notice.told == "digest") or notice.told == "stream":
        return False
    if notice.org not in channel.orgs if channel.orgs else notice.org in tests:
        return False
    if channel.kinds and notice.kind not in (*channel.kinds, "digest"):
        return False
    return SEVERITIES.index(notice.severity) >= SEVERITIES.index(channel.least_severity)


def pending(notice: Notice, channel: str) -> Delivery:
    """The first step. It depends on the notice alone: whoever writes it writes the same."""
    at = notice.raised_at.astimezone(SHANGHAI)
    return Delivery(
        id=delivery_id(at, notice.id, channel), version=1, at=at, channel=channel, org=notice.org, notice=notice.id,
        kind=notice.kind, state="pending", attempts=0, not_before=at, reason="", payload=notice.payload.decode(),
    )  # fmt: skip


def leased(delivery: Delivery, now: datetime) -> Delivery:
    """Ours to send until the lease runs out."""
    return _step(delivery, now, state="leased", attempts=delivery.attempts + 1, not_before=now + LEASE, reason="")


def delivered(delivery: Delivery, now: datetime, remark: str = "") -> Delivery:
    """The receiver has it."""
    return _step(delivery, now, state="delivered", not_before=now, reason=remark)


def failed(delivery: Delivery, now: datetime, reason: str, spread: float, pause: timedelta | None = None) -> Delivery:
    """Again later, or given up after the last attempt.

    :param spread: around 1.0, so that many deliveries do not come back at once.
    :param pause: what the receiver asked for, if it did.
    """
    if delivery.attempts >= MOST_ATTEMPTS:
        return dead(delivery, now, reason)
    grown: timedelta = min(PAUSE * 3 ** (delivery.attempts - 1), LONGEST_PAUSE) * spread
    return _step(delivery, now, state="failed", not_before=now + max(grown, pause or grown), reason=reason)


def dead(delivery: Delivery, now: datetime, reason: str) -> Delivery:
    """Given up."""
    return _step(delivery, now, state="dead", not_before=now, reason=reason)


def again(delivery: Delivery, now: datetime) -> Delivery:
    """A dead one is wanted after all; it counts its attempts anew."""
    return _step(delivery, now, state="pending", attempts=0, not_before=now, reason="")


def _step(delivery: Delivery, now: datetime, **changes: object) -> Delivery:
    return replace(delivery, version=delivery.version + 1, at=now, payload="", **changes)  # type: ignore[arg-type]
