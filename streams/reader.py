"""Reads a topic outside the stream: how far it goes, and single offsets.

One consumer is kept from one question to the next. Calls block, and take their turns: a consumer of kafka-python is for
one thread at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sanjian.errors import NotNow
from streams.kafka_clients import open_client
from streams.offsets import ends
from streams.topics import Topic

#: A single offset that the broker does not give within this is gone (compaction, retention, transaction marker).
POLL_SECONDS = 5.0
#: Whoever closes a reader that is in use does not wait for longer; the use under way then closes it.
CLOSE_SECONDS = 1.0


class TopicReader:
    """Of one topic, until it is closed. The consumer is opened when it is first needed, and anew after Kafka did not
    answer."""

    def __init__(self, bootstrap: list[str], topic: Topic) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._lock = threading.Lock()
        self._kept: Any = None
        self._closed = False

    def ranges(self) -> dict[int, tuple[int, int]]:
        """(first, behind the newest) offset of each partition. Raises NotNow while the broker is away."""
        with self._consumer() as consumer:
            places = [TopicPartition(self._topic.name, number) for number in range(self._topic.partitions)]
            consumer.assign(places)
            firsts, lasts = consumer.beginning_offsets(places), ends(consumer, places)
        return {place.partition: (firsts[place], lasts[place]) for place in places}

    def read(self, partition: int, offsets: Sequence[int]) -> list[Any]:
        """The records at these offsets, in order; those that the broker no longer has are left out. Raises NotNow."""
        place = TopicPartition(self._topic.name, partition)
        wanted, records = set(offsets), []
        with self._consumer() as consumer:
            consumer.assign([place])
            position = None
            for offset in offsets:
                if offset not in wanted:
                    continue
                if position != offset:
                    consumer.seek(place, offset)
                fetched = consumer.poll(timeout_ms=int(POLL_SECONDS * 1000)).get(place, [])
                records += [record for record in fetched if record.offset in wanted]
                wanted -= {record.offset for record in fetched} | {offset}
                position = fetched[-1].offset + 1 if fetched else None
        return records

    def close(self) -> None:
        """Close the consumer, now or when the use under way has ended. Whoever asks afterwards gets NotNow."""
        self._closed = True
        if self._lock.acquire(timeout=CLOSE_SECONDS):
            try:
                self._drop()
            finally:
                self._lock.release()

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        with self._lock:
            if self._closed:
                raise NotNow("The reader of the topic was closed.")
            whole = False
            try:
                if self._kept is None:
                    self._kept = open_client(KafkaConsumer, self._bootstrap, "sanjian-audit", enable_auto_commit=False)
                yield self._kept
                self._kept.assign([])  # nothing is fetched until the next question
                whole = True
            except KafkaError as error:
                raise NotNow(f"Kafka does not answer: {type(error).__name__}") from error
            finally:
                if not whole or self._closed:
                    self._drop()

    def _drop(self) -> None:
        consumer, self._kept = self._kept, None
        if consumer is not None:
            consumer.close()
