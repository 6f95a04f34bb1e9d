"""Dead letters: what could not be read, listed, shown and sent through the pipeline once more. Calls block."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from clickhouse.client import ClickHouse
from clickhouse.narrowed import reader
from clickhouse.query import load_query
from sanjian.errors import Invalid, NotNow
from streams.message import REDRIVE_HEADER, REDRIVE_OF_HEADER
from streams.producer import Producer

#: Producing one message takes milliseconds; longer means that the broker is away.
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One unreadable message (row 0) or row. ``bytes_`` is cut at 64 KiB, ``size`` is the whole length."""

    topic_id: str
    partition: int
    offset: int
    row: int
    org: str
    table: str
    batch: str
    reason: str
    detail: str
    size: int
    arrived_at: datetime
    bytes_: bytes


class DeadLetters:
    """The dead letters in ClickHouse; ``redrive`` produces through ``producer`` on ``loop``."""

    def __init__(
        self, clickhouse: ClickHouse, producer: Producer, changes_topic: str, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._clickhouse = clickhouse
        self._producer = producer
        self._topic = changes_topic
        self._loop = loop

    def list(
        self, *, orgs: Collection[str] | None, table: str, reason: str, limit: int, offset: int
    ) -> tuple[int, Sequence[DeadLetter]]:
        """How many there are and one page, newest first, of these institutions (None: of all and of nobody); empty
        texts do not filter."""
        seen, wanted = reader(self._clickhouse, orgs), {"table": table, "reason": reason}
        rows = seen.rows(load_query("deadletters_page"), {**wanted, "limit": limit, "offset": offset})
        total = seen.rows(load_query("deadletters_count"), wanted)
        return int(total[0]["total"]), [_letter(row) for row in rows]

    def show(self, topic_id: str, partition: int, offset: int) -> Sequence[DeadLetter]:
        """All of one message, by row; empty when there is none."""
        parameters = {"topic_id": topic_id, "partition": partition, "offset": offset}
        return [_letter(row) for row in self._clickhouse.rows(load_query("deadletter"), parameters)]

    def redrive(self, topic_id: str, partition: int, offset: int) -> int:
        """Send the message's bytes through the pipeline again; its new offset.

        Raises Invalid where that cannot help: the bytes were cut, or only single rows were unreadable (their sender
        has to mend and send them), and NotNow while the broker is away.
        """
        letters = self.show(topic_id, partition, offset)
        if not letters:
            raise Invalid("not_found", "there is no such dead letter")
        whole = letters[0]
        if whole.row != 0:
            raise Invalid("only_rows", "only single rows were unreadable; the institution has to mend and send them")
        if whole.size != len(whole.bytes_):
            raise Invalid("cut", f"only {len(whole.bytes_)} of {whole.size} bytes were kept")
        headers = [(REDRIVE_HEADER, b"1"), (REDRIVE_OF_HEADER, f"{topic_id}/{partition}/{offset}".encode())]
        sending = self._producer.send(self._topic, whole.org.encode(), whole.bytes_, headers)
        try:
            return asyncio.run_coroutine_threadsafe(sending, self._loop).result(SECONDS).offset
        except TimeoutError:
            raise NotNow("the broker does not take the message") from None


def _letter(row: dict[str, Any]) -> DeadLetter:
    """A row of either query; a page comes without the bytes."""
    values = {field.name: row[field.name] for field in fields(DeadLetter) if field.name != "bytes_"}
    return DeadLetter(**values, bytes_=base64.b64decode(row.get("bytes_base64", "")))
