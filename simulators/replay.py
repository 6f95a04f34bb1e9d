"""Replay a recording: the identical bytes, keys and time stamps, marked as a replay, at any speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulators.record import Recorded
from simulators.targets import KafkaTarget

#: Marks a replay: counted like any message (the same bytes are a repeat), but nobody is alerted.
REPLAY = ("sanjian-replay", b"1")


@dataclass(slots=True)
class Tempo:
    """Keeps the recorded distances divided by ``speed``; speed 0 is as fast as possible."""

    speed: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _start: tuple[float, int] | None = None

    def wait(self, timestamp: int) -> None:
        """Pause until a message recorded at ``timestamp`` (ms) is due. Messages may be out of order."""
        if self.speed <= 0:
            return
        now = self.clock()
        if self._start is None:
            self._start = (now, timestamp)
        began, first = self._start
        pause = began + (timestamp - first) / 1000 / self.speed - now
        if pause > 0:
            self.sleep(pause)


def in_order(recording: Iterable[Recorded]) -> list[Recorded]:
    """The messages by their time stamps, as they once came; within a partition the order of the offsets stays.

    Holds the whole recording in memory, which only a replay that keeps distances needs.
    """
    latest: dict[int, int] = {}
    moments: list[tuple[int, int, Recorded]] = []
    for place, found in enumerate(recording):
        latest[found.partition] = max(latest.get(found.partition, 0), found.timestamp)
        moments.append((latest[found.partition], place, found))
    return [found for _, _, found in sorted(moments, key=lambda moment: moment[:2])]


def replay(
    recording: Iterable[Recorded], target: KafkaTarget, tempo: Tempo, seen: Callable[[int], None] = lambda _: None
) -> int:
    """Produce every recorded message and wait for the acknowledgements; returns how many.

    A keyed message goes where its key leads, so that an institution stays in order whatever the number of partitions;
    others keep their partition as far as there is one.
    """
    count = 0
    partitions = target.partitions()
    for found in recording:
        tempo.wait(found.timestamp)
        partition = found.partition % partitions if found.key is None and partitions else None
        headers = [pair for pair in found.headers if pair[0] != REPLAY[0]]
        target.produce(found.key, found.value, [*headers, REPLAY], found.timestamp, partition)
        count += 1
        seen(1)
    target.close()
    return count
