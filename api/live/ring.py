"""The newest alerts of the stream, ready to be sent again: what a client missed in the last minutes is here."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from api.live.cursor import Cursor
from api.live.messages import alert_frame

#: An alert of ten rules has 4 KB, most have 1.5: about 20,000 alerts. What is older comes from ClickHouse, so this is
#: also how long a worker may take to keep the place of an alert that it has published.
RING_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """An alert in the ring: ``frame`` is what a client gets."""

    partition: int
    offset: int
    org: str
    frame: bytes


class Ring:
    """Alerts in the order in which they were read; of each partition all from ``first`` up to ``next``."""

    def __init__(self, max_bytes: int = RING_BYTES) -> None:
        self._max_bytes = max_bytes
        self.begin("", {})

    def begin(self, epoch: str, first: Mapping[int, int]) -> None:
        """Forget everything; the next alerts are those of the topic with the id ``epoch`` from ``first`` on."""
        self.epoch = epoch
        self.first = dict(first)
        self.next = dict(first)
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    @property
    def cursor(self) -> Cursor:
        """Behind the newest alert."""
        return Cursor(self.epoch, dict(self.next))

    def add(self, partition: int, offset: int, org: str, payload: bytes) -> Entry:
        """The next alert of a partition."""
        self.skip(partition, offset)
        entry = Entry(partition, offset, org, alert_frame(payload, partition, offset, self.cursor))
        self._entries.append(entry)
        self._bytes += len(entry.frame)
        while self._bytes > self._max_bytes:
            gone = self._entries.popleft()
            self._bytes -= len(gone.frame)
            self.first[gone.partition] = gone.offset + 1
        return entry

    def skip(self, partition: int, offset: int) -> None:
        """A record that is no alert."""
        self.next[partition] = offset + 1

    def covers(self, cursor: Cursor) -> bool:
        """Whether everything behind the cursor is here."""
        return cursor.epoch == self.epoch and all(cursor.next.get(p, 0) >= first for p, first in self.first.items())

    def missed(self, cursor: Cursor, orgs: Collection[str] | None) -> list[bytes]:
        """Frames of the alerts behind a cursor that is covered, of these institutions or (None) of all."""
        behind = {partition for partition, end in self.next.items() if cursor.next.get(partition, 0) < end}
        found = []
        for entry in reversed(self._entries):  # most clients have missed little
            if not behind:
                break
            if entry.partition not in behind:
                continue
            if entry.offset < cursor.next.get(entry.partition, 0):
                behind.discard(entry.partition)
            elif orgs is None or entry.org in orgs:
                found.append(entry.frame)
        return found[::-1]
