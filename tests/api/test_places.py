"""The places that publishers keep are those that the broker gave; and what the broker says of its topics."""

from __future__ import annotations

import asyncio

import pytest

from sanjian.errors import NotNow
from streams.positions import publish_alerts
from streams.topics import topic_now
from tests.api.conftest import Serve, Stack
from tests.api.streaming import TODAY, as_raised, hear, producing, raised, several, stream

pytestmark = pytest.mark.stack


async def test_the_place_of_each_alert_is_exact_whoever_publishes_beside(stack: Stack, serve: Serve) -> None:
    """Several producers at once, several alerts in a batch of records."""
    topic = stack.topics[stack.settings.alerts_topic]

    async def publishing(first: int) -> None:
        async with producing(stack.bootstrap) as producer:
            for start in range(first, first + 40, 8):
                some = [as_raised(raised(start + number)) for number in range(8)]
                await publish_alerts(producer, stack.clickhouse, topic, some, TODAY)

    async with serve(stack.app()) as url, stream(url, stack, "operator") as socket:
        await hear(socket, "hello")
        await asyncio.gather(*(publishing(first) for first in (0, 1000, 2000)))
        read = {(said["id"], said["position"], said["epoch"]) for said in await several(socket, 120)}
    kept = stack.clickhouse.rows("SELECT id, partition, offset, epoch FROM alert_positions FINAL")
    assert read == {(row["id"], f"{row['partition']}:{row['offset']}", row["epoch"]) for row in kept}
    assert len(read) == 120


async def test_nothing_to_publish_asks_nobody(stack: Stack) -> None:
    async with producing(["127.0.0.1:9"]) as producer:
        await publish_alerts(producer, stack.clickhouse, stack.topics[stack.settings.alerts_topic], [], TODAY)


def test_the_broker_is_asked_for_a_topic_and_not_waited_for(stack: Stack) -> None:
    topic = stack.topics[stack.settings.alerts_topic]
    assert topic_now(stack.bootstrap, topic.name, 5) == topic
    with pytest.raises(NotNow, match="no topic"):
        topic_now(stack.bootstrap, "sanjian.other", 5)
    with pytest.raises(NotNow, match="does not answer"):
        topic_now(["127.0.0.1:9"], topic.name, 0.1)
