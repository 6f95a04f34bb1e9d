"""How far a topic goes. The embedded broker answers the question for the newest offset with the beginning of the last
batch of records; what it says together with fetched records is right, and a Kafka server is right in both."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from sanjian.errors import NotNow

#: A broker that does not answer a fetch for so long is away.
SECONDS = 20.0
POLL_MS = 200


def ends(consumer: Any, places: Iterable[Any]) -> dict[Any, int]:
    """The offset behind the newest record of each partition. Positions of the consumer are changed.

    :param consumer: a kafka-python consumer that is assigned ``places`` (TopicPartition) and nothing else.
    Raises NotNow when the broker does not answer.
    """
    first = consumer.beginning_offsets(list(places))
    found: dict[Any, int] = consumer.end_offsets(list(first))
    waiting = {place for place, end in found.items() if end > first[place]}
    for place in waiting:
        consumer.seek(place, found[place] - 1)
    idle = [place for place in found if place not in waiting]
    if idle:
        consumer.pause(*idle)
    deadline = time.monotonic() + SECONDS
    while waiting:
        if time.monotonic() > deadline:
            raise NotNow("Kafka does not tell how far the topic goes.")
        for place in consumer.poll(timeout_ms=POLL_MS):
            found[place] = max(found[place], consumer.highwater(place) or 0)
            waiting.discard(place)
    if idle:
        consumer.resume(*idle)
    return found
