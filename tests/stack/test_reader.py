"""The reader of a topic keeps one consumer, and it tells the truth each time it is asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from sanjian.errors import NotNow
from streams import reader
from streams.kafka_clients import open_client
from streams.producer import Producer
from streams.reader import TopicReader
from tests.stack.conftest import Stack
from tests.stack.feeds import sample

pytestmark = pytest.mark.stack


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The clients that were opened, in order."""
    clients: list[Any] = []

    def noted(*arguments: Any, **options: Any) -> Any:
        clients.append(open_client(*arguments, **options))
        return clients[-1]

    monkeypatch.setattr(reader, "open_client", noted)
    return clients


def messages(ranges: dict[int, tuple[int, int]]) -> int:
    return sum(end - first for first, end in ranges.values())


def test_one_consumer_serves_every_question_and_sees_what_came_meanwhile(stack: Stack, opened: list[Any]) -> None:
    feed = sample("clean", orgs=2, days=1)
    topic = TopicReader([stack.bootstrap], stack.changes)
    assert topic.ranges() == dict.fromkeys(range(stack.settings.partitions), (0, 0))
    feed.send(stack.bootstrap, stack.changes.name, feed.messages[:5])
    assert messages(topic.ranges()) == 5
    feed.send(stack.bootstrap, stack.changes.name, feed.messages[5:])
    ranges = topic.ranges()
    assert messages(ranges) == len(feed.messages)
    busiest = max(ranges, key=lambda number: ranges[number][1])
    assert [record.offset for record in topic.read(busiest, [0, 2, 3])] == [0, 2, 3]
    assert topic.ranges() == ranges
    topic.close()
    assert len(opened) == 1


async def test_what_the_gateway_sends_is_read_as_well(stack: Stack) -> None:
    producer = Producer([stack.bootstrap], idempotent=False, max_bytes=1 << 20)
    values = [bytes(1000 + number) for number in range(3)]
    sent = await producer.publish(stack.changes.name, [("org", value, []) for value in values])
    await producer.close()
    topic = TopicReader([stack.bootstrap], stack.changes)
    ranges = await asyncio.to_thread(topic.ranges)
    records = await asyncio.to_thread(topic.read, sent[0].partition, [place.offset for place in sent])
    await asyncio.to_thread(topic.close)
    assert messages(ranges) == 3
    assert [record.value for record in records] == values


def test_questions_of_several_threads_take_their_turns(stack: Stack, opened: list[Any]) -> None:
    feed = sample("clean", orgs=2, days=1)
    feed.send(stack.bootstrap, stack.changes.name)
    topic = TopicReader([stack.bootstrap], stack.changes)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(messages(topic.ranges()))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    topic.close()
    assert found == [len(feed.messages)] * 5
    assert len(opened) == 1


def test_after_kafka_did_not_answer_a_new_consumer_is_opened(
    stack: Stack, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = TopicReader([stack.bootstrap], stack.changes)
    before = topic.ranges()
    monkeypatch.setattr(opened[0], "beginning_offsets", refuse)
    with pytest.raises(NotNow, match="KafkaTimeoutError"):
        topic.ranges()
    assert opened[0]._closed
    assert topic.ranges() == before
    topic.close()
    assert len(opened) == 2


def refuse(*_: Any) -> Any:
    raise KafkaTimeoutError


def test_a_reader_that_is_closed_while_in_use_is_closed_by_that_use(
    stack: Stack, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CLOSE_SECONDS", 0.01)
    topic = TopicReader([stack.bootstrap], stack.changes)
    topic.ranges()
    asked: Callable[..., Any] = opened[0].beginning_offsets
    closed: list[bool] = []

    def closing(places: Any) -> Any:
        topic.close()
        closed.append(opened[0]._closed)
        return asked(places)

    monkeypatch.setattr(opened[0], "beginning_offsets", closing)
    topic.ranges()
    assert closed[0] is False
    assert opened[0]._closed
    with pytest.raises(NotNow, match="closed"):
        topic.ranges()
