from __future__ import annotations

from collections.abc import Callable
from datetime import date

import httpx
import pytest
from kafka.future import Future

from sanjian.access import TOKEN_PATH, Credentials
from sanjian.errors import Invalid, Misconfigured, NotNow
from simulators import targets
from simulators.feed import Feed
from simulators.messages import Message
from simulators.province import Province
from simulators.scenarios import midnight
from simulators.send import History, Pace, send
from simulators.targets import GatewayTarget, KafkaTarget, MemoryTarget, target_for

END = date(2026, 11, 20)


@pytest.fixture
def messages() -> list[Message]:
    return list(Feed(Province(1, 1, END, volume=0.2)))


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_everything_is_handed_over_in_order(messages: list[Message]) -> None:
    target = MemoryTarget()
    sent = send(messages, target)
    assert target.taken == messages
    assert (sent.messages, sent.rows) == (len(messages), sum(message.rows for message in messages))


def test_a_rate_is_kept_by_pausing(messages: list[Message]) -> None:
    clock = Clock()
    sent = send(messages, MemoryTarget(), Pace(50, clock.read, clock.sleep))
    assert sent.seconds == pytest.approx((sent.rows - messages[-1].rows) / 50)


def test_without_a_rate_nothing_pauses(messages: list[Message]) -> None:
    clock = Clock()
    send(messages, MemoryTarget(), Pace(None, clock.read, clock.sleep))
    assert not clock.pauses


def test_history_goes_at_a_pace_of_its_own() -> None:
    messages = list(Feed(Province(1, 3, END, volume=0.2)))
    clock, hurry = Clock(), Clock()
    last = [message for message in messages if message.sent_at >= midnight(date(2026, 11, 21))]
    history = History(midnight(date(2026, 11, 21)), Pace(None, hurry.read, hurry.sleep))
    sent = send(messages, MemoryTarget(), Pace(50, clock.read, clock.sleep), history=history)
    assert 0 < len(last) < len(messages) == sent.messages
    assert not hurry.pauses
    assert clock.now - 100.0 == pytest.approx(sum(message.rows for message in last[:-1]) / 50)


class Producer:
    """Notes the time stamps it is given."""

    def __init__(self) -> None:
        self.stamps: list[int | None] = []

    def send(self, topic: str, *, timestamp_ms: int | None, **_: object) -> Future:
        self.stamps.append(timestamp_ms)
        done = Future()
        done.success(None)
        return done


def test_what_was_sent_before_today_carries_its_own_time() -> None:
    messages = list(Feed(Province(1, 3, END, volume=0.2)))
    today = midnight(date(2026, 11, 21))
    target = KafkaTarget(["nowhere:1"], history_before=today)
    target._producer = producer = Producer()
    for message in messages:
        target.put(message)
    assert producer.stamps == [
        int(message.sent_at.timestamp() * 1000) if message.sent_at < today else None for message in messages
    ]
    assert {stamp is None for stamp in producer.stamps} == {True, False}


def test_without_backdating_everything_is_stamped_now(messages: list[Message]) -> None:
    target = KafkaTarget(["nowhere:1"])
    target._producer = producer = Producer()
    target.put(messages[0])
    assert producer.stamps == [None]


def test_a_slow_receiver_is_not_flooded_afterwards() -> None:
    clock = Clock()
    pace = Pace(100, clock.read, clock.sleep)
    pace.wait(100)
    clock.now += 60
    for _ in range(3):
        pace.wait(100)
    assert sum(clock.pauses) == pytest.approx(1.0)  # one second is caught up, not sixty


CLIENT = Credentials("sjc_1", "sjs_secret")


def gateway(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """A gateway that gives tokens and answers everything else as told."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            return httpx.Response(200, json={"access_token": "sj_token", "token_type": "Bearer", "expires_in": 3600})
        return answer(request)

    return httpx.MockTransport(handle)


def test_the_gateway_gets_rows_with_their_batch_and_token(messages: list[Message]) -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(202, json={"receipt_id": f"r{len(calls)}"})

    org = messages[0].org
    with GatewayTarget("http://test", {org: CLIENT}, gateway(answer)) as target:
        send(messages, target)
    assert len(calls) == len(messages) == len(target.receipts)
    for message, request in zip(messages, calls, strict=True):
        assert request.url.path == f"/api/v1/changes/{message.table}"
        assert request.headers["authorization"] == "Bearer sj_token"
        assert request.headers["x-sanjian-batch"] == message.batch
        assert request.headers["x-sanjian-sent-at"].endswith("+08:00")
        assert request.content == message.body
        assert request.headers.get("x-sanjian-biz-date", "") == message.biz_date


def test_a_busy_gateway_is_asked_again(messages: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "FIRST_PAUSE_SECONDS", 0.0)
    states = iter([503, 429, 202])
    transport = gateway(lambda _: httpx.Response(next(states), json={}))
    with GatewayTarget("http://test", CLIENT, transport) as target:
        target.put(messages[0])
    assert next(states, None) is None


def test_a_gateway_that_stays_away_is_not_now(messages: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "FIRST_PAUSE_SECONDS", 0.0)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with GatewayTarget("http://test", CLIENT, httpx.MockTransport(refuse)) as target, pytest.raises(NotNow):
        target.put(messages[0])


def test_a_refused_batch_is_invalid_and_not_tried_again(messages: list[Message]) -> None:
    calls: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(403, text="not your institution")

    target = GatewayTarget("http://test", CLIENT, gateway(refuse))
    with target, pytest.raises(Invalid, match="403"):
        target.put(messages[0])
    assert len(calls) == 1


def test_an_institution_without_credentials_is_named(messages: list[Message]) -> None:
    target = GatewayTarget("http://test", {}, httpx.MockTransport(lambda _: httpx.Response(202)))
    with target, pytest.raises(Misconfigured, match=messages[0].org):
        target.put(messages[0])


def test_an_address_tells_where_to() -> None:
    kafka = target_for("kafka://a:1,b:2", "topic", None)
    assert isinstance(kafka, KafkaTarget)
    assert kafka.bootstrap == ["a:1", "b:2"]
    assert isinstance(target_for("http://a/", "topic", CLIENT), GatewayTarget)
    with pytest.raises(Misconfigured, match="credentials"):
        target_for("http://a", "topic", None)
    with pytest.raises(Misconfigured, match="kafka://"):
        target_for("ftp://a", "topic", None)
