"""The sender on ClickHouse: once, by one of several; again after failures and crashes; never more than one extra."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
import pytest

from clickhouse.channels import Channel, ChannelStore
from clickhouse.client import ClickHouse
from sanjian.errors import NotNow
from streams.outbox.delivery import LEASE, MOST_ATTEMPTS, Delivery, again, pending
from streams.outbox.dispatch import Dispatch
from streams.outbox.failures import NotDelivered
from streams.outbox.sender import PER_MINUTE, Sender, no_step
from streams.outbox.store import OutboxStore
from tests.streams.cases.build import NOON
from tests.streams.outbox.notices import opened
from tests.streams.outbox.receivers import receiving

pytestmark = pytest.mark.stack


class CrashError(Exception):
    """The process ends here."""


@dataclass
class Post:
    """A receiver that remembers the ids it got, and answers as told: a failure for so many times, or a bug."""

    got: list[str] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    meanwhile: Callable[[], None] = lambda: None

    async def send(self, channel: Channel, payload: str) -> str:
        await asyncio.sleep(0)
        self.meanwhile()
        if self.failures.get(channel.name):
            raise self.failures[channel.name].pop(0)
        self.got.append(orjson.loads(payload)["id"])
        return ""


@dataclass
class Office:
    """Everything around a sender, and its clock."""

    clickhouse: ClickHouse
    post: Post = field(default_factory=Post)
    now: datetime = NOON

    @property
    def store(self) -> OutboxStore:
        return OutboxStore(self.clickhouse)

    def channel(self, name: str, **settings: object) -> None:
        channel = Channel(name, settings.pop("kind", "webhook"), "http://localhost/", **settings)  # type: ignore[arg-type]
        ChannelStore(self.clickhouse, lambda: self.later(seconds=0)).save(channel)

    def put(self, many: int = 1, channel: str = "a", first: int = 0) -> list[str]:
        """Notices a millisecond apart, the last one now."""
        start = self.now - timedelta(milliseconds=first + many - 1)
        notices = [opened(n, start + timedelta(milliseconds=n)) for n in range(first, first + many)]
        self.store.put([pending(notice, channel) for notice in notices])
        return [notice.id for notice in notices]

    def sender(self, on_step: Callable[[int], None] = no_step) -> Sender:
        """A new instance, as after a restart or in another process."""
        return Sender(
            self.store, ChannelStore(self.clickhouse), self.post, lambda: self.now, spread=lambda: 1.0, on_step=on_step
        )

    def later(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now

    def states(self, **wanted: str) -> Counter[str]:
        return Counter(one.state for one in self.store.page(1000, 0, **wanted)[1])

    def one(self) -> Delivery:
        [found] = self.store.page(2, 0)[1]
        return found


@pytest.fixture
def office(clickhouse: ClickHouse) -> Office:
    """An office with a webhook ``a``."""
    made = Office(clickhouse)
    made.channel("a")
    return made


async def test_a_delivery_goes_from_pending_over_leased_to_delivered(office: Office) -> None:
    [notice] = office.put()
    assert (office.one().state, office.one().attempts) == ("pending", 0)
    assert await office.sender().step() == 1
    assert office.post.got == [notice]
    rows = office.clickhouse.rows("SELECT state, attempts, payload != '' AS whole FROM outbox ORDER BY version")
    assert [tuple(row.values()) for row in rows] == [("pending", 0, 1), ("leased", 1, 0), ("delivered", 1, 0)]
    assert await office.sender().step() == 0


async def test_what_was_put_twice_is_sent_once(office: Office) -> None:
    office.put(3)
    office.put(3)
    await office.sender().step()
    office.put(3)
    await office.sender().step()
    assert len(office.post.got) == len(set(office.post.got)) == 3


async def test_two_senders_at_once_send_each_notice_once(office: Office) -> None:
    ids = office.put(12)
    senders = [office.sender() for _ in range(3)]
    await asyncio.gather(*(sender.step() for sender in senders))
    assert sorted(office.post.got) == sorted(ids)
    assert office.states() == {"delivered": 12}


@pytest.mark.parametrize(("step", "sent"), [(1, 1), (2, 2), (3, 1)])
async def test_a_crash_after_any_step_loses_nothing_and_sends_at_most_one_extra(
    office: Office, step: int, sent: int
) -> None:
    def crash(number: int) -> None:
        if number == step:
            raise CrashError

    [notice] = office.put()
    with pytest.raises(CrashError):
        await office.sender(crash).step()
    assert await office.sender().step() == 0, "the lease holds"
    office.later(seconds=LEASE.total_seconds())
    for _ in range(3):
        await office.sender().step()
        office.later(hours=5)
    assert office.post.got == [notice] * sent
    assert office.one().state == "delivered"


async def test_failures_are_tried_again_with_growing_pauses_until_the_receiver_is_back(office: Office) -> None:
    office.put()
    office.post.failures["a"] = [NotDelivered("http", "500")] * 3
    pauses = []
    for _ in range(4):
        await office.sender().step()
        delivery = office.one()
        if delivery.state == "failed":
            assert delivery.reason == "http_500"
            pauses.append((delivery.not_before - office.now).total_seconds())
            office.later(seconds=pauses[-1] - 1)
            assert await office.sender().step() == 0
            office.later(seconds=1)
    assert pauses == [10, 30, 90]
    assert (office.one().state, office.one().attempts) == ("delivered", 4)


async def test_after_the_last_attempt_it_is_dead_and_can_be_wanted_again(office: Office) -> None:
    office.put()
    office.post.failures["a"] = [NotDelivered("timeout")] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS + 3):
        await office.sender().step()
        office.later(hours=4)
    assert (office.one().state, office.one().attempts, office.one().reason) == ("dead", MOST_ATTEMPTS, "timeout")
    assert office.post.got == []
    assert office.store.take(again(office.one(), office.now))
    await office.sender().step()
    assert (office.one().state, office.one().attempts, len(office.post.got)) == ("delivered", 1, 1)


async def test_the_last_attempt_is_more_than_a_day_after_the_first(office: Office) -> None:
    office.put()
    office.post.failures["a"] = [NotDelivered("timeout")] * MOST_ATTEMPTS
    while office.one().state != "dead":
        office.now = max(office.now, office.one().not_before)
        await office.sender().step()
    assert office.now - NOON > timedelta(days=1)


async def test_a_receiver_that_asks_for_a_pause_gets_it(office: Office) -> None:
    office.put(2)
    office.post.failures["a"] = [NotDelivered("robot", "45009", timedelta(minutes=10))]
    sender = office.sender()
    assert await sender.step() == 1
    office.later(minutes=9)
    assert await sender.step() == 0, "the other one waits, too"
    office.later(minutes=1)
    assert await sender.step() == 2


async def test_a_channel_that_fails_costs_one_attempt_and_others_go_on(office: Office) -> None:
    office.channel("b")
    office.put(20, "a")
    ids = office.put(20, "b")
    office.post.failures["a"] = [NotDelivered("no_connection")] * 100
    sender = office.sender()
    await sender.step()
    assert office.states(channel="a") == {"pending": 19, "failed": 1}
    assert office.post.got == ids
    for _ in range(10):  # half a minute
        office.later(seconds=3)
        await sender.step()
    assert 100 - len(office.post.failures["a"]) <= 5


async def test_robots_get_no_more_messages_a_minute_than_they_take(office: Office) -> None:
    office.channel("robot", kind="wecom")
    ids = office.put(45, "robot")
    sender, minutes = office.sender(), []
    for _ in range(3):
        before = len(office.post.got)
        for _ in range(20):
            await sender.step()
            office.later(seconds=3)
        minutes.append(len(office.post.got) - before)
    assert minutes == [PER_MINUTE["wecom"], PER_MINUTE["wecom"], 45 - 2 * PER_MINUTE["wecom"]]
    assert office.post.got == ids, "the longest waiting first"


async def test_what_waits_for_a_channel_that_is_gone_or_off_is_given_up(office: Office) -> None:
    office.channel("off", active=False)
    office.put(1, "off")
    office.put(1, "never")
    office.put(1, "a")
    office.later(seconds=1)
    ChannelStore(office.clickhouse, lambda: office.now).delete(Channel("a", "webhook", ""), "admin:x")
    await office.sender().step()
    assert office.states() == {"dead": 3}
    assert {one.reason for one in office.store.page(10, 0)[1]} == {"no_channel"}
    assert office.post.got == []


async def test_a_bug_with_one_message_keeps_no_other_and_ends(office: Office) -> None:
    office.channel("b")
    office.put(1, "a")
    office.put(2, "b", first=1)
    office.post.failures["a"] = [KeyError("kind") for _ in range(100)]
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(KeyError):
            await office.sender().step()
        office.later(seconds=LEASE.total_seconds())
    assert len(office.post.got) == 2
    await office.sender().step()
    assert office.states(channel="a") == {"dead": 1}


async def test_what_was_sent_is_noted_when_clickhouse_is_back_and_not_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.put()
    sender = office.sender()
    take, away = sender.store.take, [True, True]

    def take_later(delivery: Delivery) -> bool:
        if delivery.state == "delivered" and away:
            away.pop()
            raise NotNow("ClickHouse is away")
        return take(delivery)

    monkeypatch.setattr(OutboxStore, "take", lambda store, delivery: take_later(delivery))
    monkeypatch.setattr("streams.retry.FIRST_PAUSE", 0.01)
    await sender.step()
    assert (office.one().state, len(office.post.got), away) == ("delivered", 1, [])


async def test_a_sender_that_slept_over_its_lease_does_not_undo_what_another_did(office: Office) -> None:
    [notice] = office.put()
    other = office.sender()
    done: list[int] = []

    def overtake() -> None:
        if not done:
            done.append(1)
            office.later(minutes=10)
            asyncio.run_coroutine_threadsafe(other.step(), asyncio.get_running_loop())

    office.post.meanwhile = overtake
    await office.sender().step()
    while office.one().state == "leased":
        await asyncio.sleep(0.01)
    assert office.post.got in ([notice], [notice, notice])
    assert office.one().state == "delivered"


async def test_from_the_outbox_to_a_receiver_and_back_after_an_outage(office: Office) -> None:
    """The whole way, once: a real receiver that is down at first."""
    with receiving() as receiver:
        store = ChannelStore(office.clickhouse, lambda: office.later(seconds=1))
        store.save(Channel("a", "webhook", receiver.url, "secret"))
        store.save(Channel("wecom", "wecom", receiver.wecom))
        dispatch = Dispatch(None, lambda: office.now)
        sender = Sender(office.store, ChannelStore(office.clickhouse), dispatch, lambda: office.now)
        office.put(2, "a")
        office.put(2, "wecom")
        receiver.mode = "500"
        await sender.step()
        assert office.states() == {"failed": 2, "pending": 2}
        receiver.mode = "take"
        for _ in range(3):
            office.later(minutes=1)
            await sender.step()
        await dispatch.close()
        assert office.states() == {"delivered": 4}
        assert len(receiver.taken) == 4
