"""Record a topic: every message with its place, time stamp and exact bytes, a JSON line each (gzip by ``.gz``).

The consumer is assigned its partitions and seeks; it joins no group, so it disturbs nobody and works on the embedded
broker too.
"""

from __future__ import annotations

import gzip
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
from kafka import KafkaConsumer, TopicPartition

from sanjian.errors import Invalid, Misconfigured
from streams import offsets
from streams.kafka_clients import open_client

#: One poll waits so long for records; also how late an interruption is noticed.
POLL_MS = 200


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of a recording. ``timestamp`` is in ms since 1970 UTC; ``value`` None is a tombstone."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None


def record(
    bootstrap: list[str], topic: str, path: Path, *, seconds: float | None = None, most: int | None = None,
    from_end: bool = False, seen: Callable[[int], None] = lambda _: None,
) -> int:  # fmt: skip
    """Write the messages of a topic to a file and return how many.

    Without ``seconds`` it ends at what was in the topic at the start; with it, it goes on for so long.
    """
    consumer = open_client(KafkaConsumer, bootstrap, "sanjian-record", enable_auto_commit=False)
    try:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise Misconfigured(f"Topic {topic} does not exist at {','.join(bootstrap)}.")
        places = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(places)
        first = consumer.beginning_offsets(places)
        ends = offsets.ends(consumer, places)
        starts = ends if from_end else first
        for place in places:
            consumer.seek(place, starts[place])
        with opened(path, "wb") as file:
            return _write(consumer, file, ends, None if seconds is None else time.monotonic() + seconds, most, seen)
    finally:
        consumer.close()


def _write(
    consumer: Any, file: BinaryIO, ends: dict[Any, int], deadline: float | None, most: int | None,
    seen: Callable[[int], None],
) -> int:  # fmt: skip
    count = 0
    while deadline is None or time.monotonic() < deadline:
        if deadline is None and all(consumer.position(place) >= end for place, end in ends.items()):
            break
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            for found in records:
                if deadline is None and found.offset >= ends[TopicPartition(found.topic, found.partition)]:
                    continue
                file.write(line(found))
                count += 1
                if count == most:
                    return count
            seen(len(records))
    return count


def line(found: Any) -> bytes:
    """A Kafka record as a line of a recording."""
    return orjson.dumps(
        {
            "topic": found.topic, "partition": found.partition, "offset": found.offset, "timestamp": found.timestamp,
            "key": _text(found.key), "headers": [[name, _text(value)] for name, value in found.headers or ()],
            "value_b64": None if found.value is None else b64encode(found.value).decode(),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )  # fmt: skip


def _text(value: bytes | None) -> str | None:
    """Keys and header values are texts here; other bytes survive as Latin-1 behind a mark."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return "latin-1:" + value.decode("latin-1")


def _bytes(text: str | None) -> bytes | None:
    if text is None:
        return None
    return text.removeprefix("latin-1:").encode("latin-1") if text.startswith("latin-1:") else text.encode()


def read_recording(path: Path) -> Iterator[Recorded]:
    """The lines of a recording in order. Raises Invalid naming the first line that is none."""
    with opened(path, "rb") as file:
        for number, text in enumerate(file, 1):
            try:
                found = orjson.loads(text)
                value = found["value_b64"]
                yield Recorded(
                    found["topic"], found["partition"], found["offset"], found["timestamp"], _bytes(found["key"]),
                    tuple((name, _bytes(content) or b"") for name, content in found["headers"]),
                    None if value is None else b64decode(value, validate=True),
                )  # fmt: skip
            except (KeyError, TypeError, ValueError) as error:
                raise Invalid("recording", f"line {number} of {path} is not a recorded message") from error


def opened(path: Path, mode: str) -> BinaryIO:
    """A recording's file, compressed by its name. Raises Misconfigured when it cannot be opened."""
    try:
        if path.suffix == ".gz":
            return cast(BinaryIO, gzip.open(path, mode))
        return cast(BinaryIO, path.open(mode))
    except OSError as error:
        raise Misconfigured(f"{path} cannot be opened: {error.strerror}.") from error
