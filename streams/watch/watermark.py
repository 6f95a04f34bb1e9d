"""The watermark of our ingest: what arrived before it has landed. Until it has passed a deadline nobody is blamed.

Each look notes how far the topic goes now. Once the ledger has come so far, everything that had arrived at that look
has landed. No clock but our own counts, and no time stamp of a message: senders set those as they like.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime

#: Looks that are remembered while the ledger is behind; of more the oldest ones are given up, which only makes the
#: watermark coarser.
MOST_LOOKS = 2000


class Watermark:
    """Of one topic. ``value`` is the watermark (None: nothing is known yet), ``lag`` how many messages wait.

    :param value: what an earlier process had reached; it stays true.
    """

    def __init__(self, value: datetime | None = None) -> None:
        self.value = value
        self.lag = 0
        self._looks: deque[tuple[datetime, Mapping[int, int]]] = deque(maxlen=MOST_LOOKS)

    def look(self, before: datetime, ranges: Mapping[int, tuple[int, int]], landed: Mapping[int, int]) -> None:
        """:param before: a moment just before ``ranges`` was asked for.
        :param ranges: (first, behind the newest) offset of the topic, by partition.
        :param landed: the newest offset of the ledger, by partition; missing: none of it.
        """
        next_ = {partition: max(first, landed.get(partition, -1) + 1) for partition, (first, _) in ranges.items()}
        self._looks.append((before, {partition: end for partition, (_, end) in ranges.items()}))
        self.lag = sum(max(0, end - next_[partition]) for partition, (_, end) in ranges.items())
        while self._looks and all(next_.get(partition, 0) >= end for partition, end in self._looks[0][1].items()):
            moment, _ = self._looks.popleft()
            self.value = moment if self.value is None else max(self.value, moment)
