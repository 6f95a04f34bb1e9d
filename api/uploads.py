"""The uploads table: which batch was taken when, and where in the broker it is. Many calls are made as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from api.batch import Batch
from api.together import Together
from api.wire import from_ms
from clickhouse.client import ClickHouse
from clickhouse.query import load_query


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload. ``state`` taken: it may or may not have reached the broker; queued: it has, at the place given."""

    receipt_id: str
    org: str
    table: str
    batch: str
    op: str
    rows: int
    bytes: int
    content_hash: str
    source_time: datetime
    state: Literal["taken", "queued"]
    client: str
    updated_at: datetime
    topic_id: str = ""
    partition: int = 0
    offset: int = 0

    def queued(self, topic_id: str, partition: int, offset: int, now: datetime) -> Upload:
        """The same upload in the broker; its time is later than before whatever the clock says, so that it replaces."""
        later = max(now, self.updated_at + timedelta(milliseconds=1))
        return replace(self, state="queued", topic_id=topic_id, partition=partition, offset=offset, updated_at=later)


def taken(batch: Batch, size: int, source_time: datetime, client: str, now: datetime) -> Upload:
    """The first state of an upload of ``size`` bytes; ``source_time`` in whole milliseconds."""
    return Upload(
        receipt_id=batch.receipt_id, org=batch.org, table=batch.table, batch=batch.batch, op=batch.op,
        rows=len(batch.rows), bytes=size, content_hash=batch.content_hash, source_time=source_time, state="taken",
        client=client, updated_at=now,
    )  # fmt: skip


class UploadLog:
    """Reads and writes uploads. Every method raises NotNow while ClickHouse is away."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        self._found: Together[tuple[str, str], Upload | None] = Together(self._find)
        self._written: Together[Upload, None] = Together(self._write)

    async def find(self, org: str, receipt_id: str) -> Upload | None:
        """The upload with this receipt, if it is this institution's."""
        return await self._found((org, receipt_id))

    async def write(self, upload: Upload) -> None:
        """Keep a state; returns when it is written."""
        await self._written(upload)

    def _find(self, keys: Sequence[tuple[str, str]]) -> Sequence[Upload | None]:
        wanted = {"orgs": sorted({org for org, _ in keys}), "ids": sorted({receipt for _, receipt in keys})}
        found = {}
        for row in self._clickhouse.rows(load_query("uploads_find"), wanted):
            row["source_time"], row["updated_at"] = from_ms(row.pop("source_ms")), from_ms(row.pop("updated_ms"))
            found[row["org"], row["receipt_id"]] = Upload(**row)
        return [found.get(key) for key in keys]

    def _write(self, uploads: Sequence[Upload]) -> Sequence[None]:
        names = Upload.__slots__  # the fields, in order
        frame = pl.DataFrame([{name: getattr(upload, name) for name in names} for upload in uploads], schema=_SCHEMA)
        self._clickhouse.insert("uploads", frame)
        return [None] * len(uploads)


_TIME = pl.Datetime("ms", "Asia/Shanghai")
_SCHEMA: dict[str, pl.DataType] = {
    "receipt_id": pl.String(), "org": pl.String(), "table": pl.String(), "batch": pl.String(), "op": pl.String(),
    "rows": pl.UInt32(), "bytes": pl.UInt32(), "content_hash": pl.String(), "source_time": _TIME,
    "state": pl.String(), "client": pl.String(), "updated_at": _TIME, "topic_id": pl.String(),
    "partition": pl.UInt32(), "offset": pl.UInt64(),
}  # fmt: skip
