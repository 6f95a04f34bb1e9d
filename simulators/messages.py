"""Rows to the bytes that travel: change batches and Debezium events. The same rows always give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

Row = dict[str, str]
Shape = Literal["batch", "debezium", "debezium-schema"]

#: Rows a change batch: large enough to turn into columns well, small enough to arrive soon (about 400 KB).
BATCH_ROWS = 500
#: The schema wrapper's own description of the event; readers must not depend on it, so it is kept short.
EVENT_SCHEMA = {"type": "struct", "name": "his.Envelope", "optional": False, "fields": []}


@dataclass(frozen=True, slots=True)
class Message:
    """One message for ``his.changes``; its key is the institution. ``sent_at`` has a zone."""

    org: str
    table: str
    batch: str
    rows: int
    sent_at: datetime
    value: bytes

    @property
    def key(self) -> bytes:
        """The Kafka key."""
        return self.org.encode()

    @property
    def body(self) -> bytes:
        """The rows alone, as the gateway takes them (change batches only)."""
        return self.value.partition(b"\n")[2]

    @property
    def biz_date(self) -> str:
        """The day of a change batch without rows; empty for others."""
        return "" if self.rows else str(orjson.loads(self.value).get("biz_date", ""))


def header(org: str, table: str, batch: str, sent_at: datetime, count: int, /, **more: Any) -> bytes:
    """The header line of a change batch, without its line break. ``more`` replaces and adds fields."""
    fields = {
        "sanjian": 1, "org": org, "table": table, "batch": batch, "op": "upsert",
        "sent_at": sent_at.isoformat(timespec="seconds"), "count": count,
    }  # fmt: skip
    return orjson.dumps(fields | more)


def lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as newline-delimited JSON."""
    return b"\n".join(map(orjson.dumps, rows))


def change_batch(org: str, table: str, batch: str, sent_at: datetime, rows: Sequence[Row], **more: Any) -> Message:
    """A change batch. Without rows ``more`` must hold ``biz_date``."""
    value = header(org, table, batch, sent_at, len(rows), **more) + b"\n" + lines(rows)
    return Message(org, table, batch, len(rows), sent_at, value)


def events(org: str, table: str, batch: str, sent_at: datetime, rows: Sequence[Row], schema: bool) -> Iterator[Message]:
    """Debezium events, one a row, with or without the schema wrapper."""
    made_ms = int(sent_at.timestamp() * 1000)
    source = {
        "version": "3.3.0.Final", "connector": "oracle", "name": "his", "ts_ms": made_ms, "snapshot": "false",
        "db": "HIS", "schema": "HIS", "table": table,
    }  # fmt: skip
    for row in rows:
        event: dict[str, Any] = {"before": None, "after": row, "source": source, "op": "c", "ts_ms": made_ms}
        wrapped = {"schema": EVENT_SCHEMA, "payload": event} if schema else event
        yield Message(org, table, batch, 1, sent_at, orjson.dumps(wrapped))


def messages(
    org: str, table: str, batch: str, sent_at: datetime, rows: Sequence[Row], shape: Shape = "batch"
) -> Iterator[Message]:
    """Rows of one batch in a shape."""
    if shape == "batch":
        yield change_batch(org, table, batch, sent_at, rows)
    else:
        yield from events(org, table, batch, sent_at, rows, shape == "debezium-schema")
