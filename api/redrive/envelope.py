"""The message that redrives the rejected rows of one message. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message of which rows were rejected: its place, what its header said, when it came and was made; ``rows`` that
    are kept, ``matching`` ones of them that somebody asked for."""

    topic_id: str
    partition: int
    offset: int
    org: str
    table: str
    batch: str
    op: str
    rows: int
    matching: int
    arrived_at: datetime
    source_time: datetime

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it is."""
        return self.topic_id, self.partition, self.offset


def envelope(rejected: Rejected, raw: Sequence[str], redrive: str) -> bytes:
    """A change batch with the rows as they were sent, under the batch, the operation and the time of their sender, so
    that of two versions of a row the same one counts as before."""
    header = {
        "sanjian": 1, "org": rejected.org, "table": rejected.table, "batch": rejected.batch, "op": rejected.op,
        "sent_at": rejected.source_time.astimezone(UTC).isoformat(timespec="milliseconds"), "count": len(raw),
        "redrive": redrive,
        "origin": {
            "topic_id": rejected.topic_id, "partition": rejected.partition, "offset": rejected.offset,
            "arrived_ms": round(rejected.arrived_at.timestamp() * 1000),
        },
    }  # fmt: skip
    return b"\n".join((orjson.dumps(header), *(row.encode() for row in raw)))
