"""One upload as a change batch: its headers, its receipt id, its bytes. Pure: the same upload gives the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import orjson

from api.errors import ApiError
from api.wire import SHANGHAI, iso

Op = Literal["upsert", "delete"]

#: Safe in URLs, file names and logs.
_BATCH = re.compile(r"[A-Za-z0-9._:\-]{1,100}")
#: The source time orders the versions of a record: a clock that runs ahead would make its rows win for ever.
AHEAD = timedelta(minutes=5)
#: No feed is older than the standard itself; earlier times are broken clocks.
EARLIEST = datetime(2000, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a hospital sends in one call. ``sent_at`` None: it did not say. ``rows`` are JSON objects in UTF-8."""

    org: str
    table: str
    batch: str
    op: Op
    rows: list[bytes]
    content_hash: str  # 32 hex digits of what is sent; the time of sending is not part of it
    sent_at: datetime | None = None
    biz_date: date | None = None  # only of a batch without rows

    @property
    def receipt_id(self) -> str:
        """32 hex digits made from institution, table and batch, so that a repeated call finds its receipt."""
        name = "\0".join((self.org, self.table, self.batch))
        return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()

    def message(self, sent_at: datetime) -> bytes:
        """The message for his.changes: header line and rows."""
        header: dict[str, str | int] = {
            "sanjian": 1, "org": self.org, "table": self.table, "batch": self.batch, "op": self.op,
            "sent_at": iso(sent_at), "count": len(self.rows),
        }  # fmt: skip
        if self.biz_date:
            header["biz_date"] = self.biz_date.isoformat()
        return b"\n".join((orjson.dumps(header), *self.rows))


@dataclass(frozen=True, slots=True)
class BatchHeaders:
    """The request's headers, read."""

    batch: str
    op: Op
    sent_at: datetime | None
    biz_date: date | None


def read_headers(headers: Mapping[str, str], now: datetime) -> BatchHeaders:
    """X-Sanjian-Batch, -Op, -Sent-At and -Biz-Date. Raises ApiError that names the header."""
    batch = headers.get("x-sanjian-batch", "")
    if not _BATCH.fullmatch(batch):
        raise ApiError("batch_header")
    op = headers.get("x-sanjian-op", "upsert")
    if op not in ("upsert", "delete"):
        raise ApiError("op_header")
    day = headers.get("x-sanjian-biz-date", "")
    try:
        biz_date = date.fromisoformat(day) if day else None
    except ValueError:
        raise ApiError("biz_date_header") from None
    return BatchHeaders(batch, op, _sent_at(headers.get("x-sanjian-sent-at", ""), now), biz_date)  # type: ignore[arg-type]


def _sent_at(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError("sent_at_header") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    if not EARLIEST <= moment <= now + AHEAD:
        raise ApiError("sent_at_header")
    return moment


def make_batch(org: str, table: str, headers: BatchHeaders, rows: list[bytes]) -> Batch:
    """The batch; without rows it needs the day on which nothing happened. Raises ApiError empty."""
    if not rows and (headers.biz_date is None or headers.op == "delete"):
        raise ApiError("empty")
    biz_date = None if rows else headers.biz_date
    digest = hashlib.blake2b(f"{headers.op}\0{biz_date or ''}\0".encode(), digest_size=16)
    for row in rows:
        digest.update(row + b"\n")
    return Batch(org, table, headers.batch, headers.op, rows, digest.hexdigest(), headers.sent_at, biz_date)
