"""Where a client stands in the stream of alerts, as a text that only we read."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

#: The first word of every cursor; another one is of another version of Sanjian and tells us nothing.
VERSION = "1"
#: Longer than a cursor of any topic that alerts are in.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Cursor:
    """The offset behind the last alert that a client has, for each partition of the topic with the id ``epoch``."""

    epoch: str
    next: Mapping[int, int]

    def text(self) -> str:
        """As it is sent."""
        places = ",".join(f"{partition}:{offset}" for partition, offset in sorted(self.next.items()))
        return urlsafe_b64encode(f"{VERSION} {self.epoch} {places}".encode()).decode().rstrip("=")

    def at(self, partition: int, offset: int) -> Cursor:
        """The same, with ``offset`` as the next one of a partition."""
        return Cursor(self.epoch, {**self.next, partition: offset})


def read_cursor(text: str) -> Cursor | None:
    """The cursor of :meth:`Cursor.text`; None when the text is none."""
    if len(text) > LONGEST:
        return None
    try:
        version, epoch, places = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(" ")
        found = [place.split(":") for place in places.split(",") if place]
        offsets = {int(partition): int(offset) for partition, offset in found}
    except ValueError:  # not base64, not text, other parts
        return None
    if version != VERSION or not epoch or any(partition < 0 or offset < 0 for partition, offset in offsets.items()):
        return None
    return Cursor(epoch, offsets)
