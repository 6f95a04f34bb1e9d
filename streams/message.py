"""One message of ``his.changes``: its place, its header, and what could not be read of it. Bytes in, values out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Protocol

import msgspec
import orjson

from sanjian.errors import Invalid
from standard.model import Table

#: Times without a zone are Shanghai time. A fixed offset: China has had no daylight saving since 1991.
SHANGHAI = timezone(timedelta(hours=8))
#: The business date of rows that have no readable one.
UNKNOWN_DATE = date(1970, 1, 1)
#: What tables call the institution's code, as databases may write it.
ORG_COLUMNS = ("YLJGDM", "yljgdm", "P900", "p900")
#: A sender's clock may be wrong; a time outside these bounds is replaced by the arrival.
EARLIEST_SOURCE_MS = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)
LATEST_AHEAD_MS = 24 * 3600 * 1000
#: A producer may stamp its records with any number; times from here on (the year 2109) do not fit into a row's version.
BEYOND_MS = 1 << 42
BOM = b"\xef\xbb\xbf"
REPLAY_HEADER = "sanjian-replay"
REDRIVE_HEADER = "sanjian-redrive"
#: Where the dead letter lies that is sent once more: ``topic id/partition/offset``.
REDRIVE_OF_HEADER = "sanjian-redrive-of"
#: Of a message: topic id, partition, offset.
MessagePlace = tuple[str, int, int]
ORG_SHAPE = re.compile(r"[0-9A-Z]{22}")
BATCH_LONGEST = 200
BLANK_LINE = re.compile(rb"\n\s*\n")


class Record(Protocol):
    """What the transport hands over: a record of the Kafka client."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows of a redriven message were rejected, and the redrive that sends them again."""

    topic_id: str
    partition: int
    offset: int
    redrive: str


@dataclass(slots=True)
class Message:
    """A message and what its header says. ``rows`` is how many rows its sender says it has (1 for an event)."""

    partition: int
    offset: int
    arrived_ms: int
    size: int
    replay: bool = False
    message_id: int = 0
    org: str = ""
    table: str = ""
    batch: str = ""
    kind: str = "unreadable"  # batch, debezium, tombstone, unreadable; repeat is decided from the ledger
    op: str = "upsert"
    rows: int = 1
    source_ms: int = 0
    dated: bool = False  # whether the sender says when it made the message
    redriven: bool = False
    letter: MessagePlace | None = None  # of a dead letter that is redriven: where it lay
    origin: Origin | None = None  # of rejected rows that are redriven
    biz_date: date | None = None  # of an honest "nothing happened"
    repeats: tuple[int, ...] = ()  # rows whose key came in an earlier message of the same file
    body: bytes = b""  # the rows, one a line
    unknown_columns: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Letter:
    """What could not be read: a whole message (``row`` 0) or one row of it."""

    message: int  # index into the batch of messages
    row: int
    reason: str
    detail: str
    content: bytes


class _Source(msgspec.Struct):
    table: str = ""


class _Event(msgspec.Struct):
    op: str = ""
    before: msgspec.Raw = msgspec.Raw(b"null")
    after: msgspec.Raw = msgspec.Raw(b"null")
    source: _Source = msgspec.field(default_factory=_Source)
    ts_ms: int | None = None


class _Envelope(msgspec.Struct):
    payload: _Event | None = None
    op: str | None = None


_envelope = msgspec.json.Decoder(_Envelope)
_event = msgspec.json.Decoder(_Event)


def identify(message: Message, value: bytes) -> None:
    """Give the message its identity, a 64-bit hash: the same bytes again are a repeat of the same message.

    Where the sender does not say when it made the message, equal bytes at another time are another message.
    """
    digest = hashlib.sha256(value)  # the processor has instructions for it; nothing secret is kept
    if not message.dated:
        digest.update(message.arrived_ms.to_bytes(8, "little", signed=True))
    message.message_id = int.from_bytes(digest.digest()[:8], "little")


def open_message(record: Record, orgs: frozenset[str]) -> Message:
    """The message's place, before anything is read of it. The key says whose it is until the message itself does."""
    names = {name for name, content in record.headers if content == b"1"}
    key = (record.key or b"").decode("ascii", "replace")
    arrived = min(max(record.timestamp, 0), BEYOND_MS - 1)
    return Message(
        partition=record.partition, offset=record.offset, arrived_ms=arrived, size=len(record.value or b""),
        replay=REPLAY_HEADER in names, redriven=REDRIVE_HEADER in names, letter=_letter(record), source_ms=arrived,
        org=key if key in orgs else "",
    )  # fmt: skip


def _letter(record: Record) -> MessagePlace | None:
    told = next((content for name, content in record.headers if name == REDRIVE_OF_HEADER), b"")
    parts = told.decode("ascii", "replace").rsplit("/", 2)
    if len(parts) < 3 or not all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts[1:]):
        return None
    return parts[0], int(parts[1]), int(parts[2])


def read(message: Message, value: bytes | None, tables: Mapping[str, Table], orgs: frozenset[str], limit: int) -> None:
    """Fill the message from its bytes. Raises Invalid with a stable reason; what was read until then stays filled."""
    if value is None:
        message.kind, message.rows = "tombstone", 0
        return
    if not value:
        raise Invalid("empty", "the message has no bytes")
    if len(value) > limit:
        raise Invalid("too_large", f"{len(value)} bytes, at most {limit} are taken")
    value = value.removeprefix(BOM)
    first, _, rest = value.partition(b"\n")
    header = _json(first)
    if isinstance(header, dict) and "sanjian" in header:
        _read_batch(message, header, rest, tables, orgs)
    else:
        _read_event(message, value, tables, orgs)


def _json(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _read_batch(
    message: Message, header: dict[str, Any], body: bytes, tables: Mapping[str, Table], orgs: frozenset[str]
) -> None:
    count = header.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= 10_000_000:
        raise Invalid("bad_header", "count is not a whole number from 0")
    message.rows = count
    batch = header.get("batch")
    if not isinstance(batch, str) or not 0 < len(batch) <= BATCH_LONGEST:
        raise Invalid("bad_header", f"batch is not a text of 1 to {BATCH_LONGEST} characters")
    message.batch = batch
    if message.redriven and "origin" in header:
        _read_origin(message, header)
    if header["sanjian"] != 1 or isinstance(header["sanjian"], bool):
        raise Invalid("unknown_version", "only version 1 of the change batch is known")
    _sender(message, header.get("org"), header.get("table"), tables, orgs)
    message.op = str(header.get("op", "upsert"))
    if message.op not in ("upsert", "delete"):
        raise Invalid("unsupported_op", "op is neither upsert nor delete")
    message.repeats = _repeats(header.get("repeats", []), count)
    message.dated = isinstance(header.get("sent_at"), str)
    message.source_ms = _source_ms(header.get("sent_at"), message.arrived_ms)
    body = _decoded(body, str(header.get("encoding", "utf-8")).lower())
    message.body = _lines(body, count)
    if count == 0:
        message.biz_date = _biz_date(header.get("biz_date"))
    message.kind = "batch"


def _repeats(value: object, count: int) -> tuple[int, ...]:
    rows = value if isinstance(value, list) else [None]
    if not all(type(row) is int and 1 <= row <= count for row in rows):
        raise Invalid("bad_header", "repeats is not a list of numbers of rows")
    return tuple(rows)


def _read_origin(message: Message, header: dict[str, Any]) -> None:
    """Rows that are redriven arrived when they arrived first: that is when they are judged, counted and ordered."""
    origin = header["origin"]
    try:
        place = (str(origin["topic_id"]), int(origin["partition"]), int(origin["offset"]))
        arrived_ms = int(origin["arrived_ms"])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("bad_header", "origin is not the place of a message") from error
    message.arrived_ms = min(max(arrived_ms, 0), BEYOND_MS - 1)
    message.origin = Origin(*place, redrive=str(header.get("redrive", ""))[:64])


def _sender(message: Message, org: object, table: object, tables: Mapping[str, Table], orgs: frozenset[str]) -> None:
    message.org = org if isinstance(org, str) and ORG_SHAPE.fullmatch(org) else ""
    known = tables.get(table.upper()) if isinstance(table, str) else None
    if known is not None:
        message.table = known.name
    if message.org not in orgs:
        raise Invalid("unknown_org", "the institution is not registered")
    if known is None:
        raise Invalid("unknown_table", "the table is not one of the standard's")


def _source_ms(sent_at: object, arrived_ms: int) -> int:
    """When the sender made it, ms since 1970 UTC; the arrival when it does not say, or says the impossible."""
    if not isinstance(sent_at, str):
        return arrived_ms
    try:
        moment = datetime.fromisoformat(sent_at)
    except ValueError as error:
        raise Invalid("bad_header", "sent_at is not an ISO time like 2026-11-21T08:00:00+08:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return _plausible(round(moment.timestamp() * 1000), arrived_ms)


def _plausible(source_ms: int, arrived_ms: int) -> int:
    return source_ms if EARLIEST_SOURCE_MS <= source_ms <= arrived_ms + LATEST_AHEAD_MS else arrived_ms


def _biz_date(value: object) -> date:
    try:
        day = date.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid("no_biz_date", "count 0 needs biz_date like 2026-11-21") from error
    if not 1970 < day.year <= 2299:
        raise Invalid("no_biz_date", "biz_date is not a plausible date")
    return day


def _decoded(body: bytes, encoding: str) -> bytes:
    """The body in UTF-8. GB18030 only where the header declares it; lines that are not in it stay as they are."""
    if encoding in ("utf-8", "utf8"):
        return body
    if encoding not in ("gb18030", "gbk", "gb2312"):
        raise Invalid("bad_header", "encoding is neither utf-8 nor gb18030")
    return b"\n".join(_from_gb18030(line) for line in body.split(b"\n"))


def _from_gb18030(line: bytes) -> bytes:
    try:
        return line.decode("gb18030").encode()
    except UnicodeError:
        return b"\xff" + line  # never UTF-8, so that the row, and only it, is unreadable


def _lines(body: bytes, count: int) -> bytes:
    """The rows, one a line, without blank lines. Raises Invalid when there are not ``count`` of them."""
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    body = body.strip(b"\n \t\r")
    found = body.count(b"\n") + 1 if body else 0
    if found == count and not BLANK_LINE.search(body):
        return body
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) != count:
        raise Invalid("count_mismatch", f"the header says {count} rows, there are {len(lines)}")
    return b"\n".join(lines)


def _why_not(value: bytes, error: Exception | None = None) -> str:
    """The reason for bytes that are no event: what the sender has to look at first."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return "bad_utf8"
    wrong_field = isinstance(error, msgspec.ValidationError) and value.lstrip().startswith(b"{")
    return "bad_header" if wrong_field else "not_json"


def _read_event(message: Message, value: bytes, tables: Mapping[str, Table], orgs: frozenset[str]) -> None:
    try:
        envelope = _envelope.decode(value)
        event = envelope.payload if envelope.payload is not None else _event.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Invalid(_why_not(value, error), "neither a change batch nor a Debezium event") from error
    if not event.op:
        raise Invalid("bad_header", 'neither a change batch ("sanjian") nor a Debezium event ("op")')
    if event.op not in ("c", "u", "r", "d"):
        raise Invalid("unsupported_op", "op is none of c, u, r, d")
    message.op = "delete" if event.op == "d" else "upsert"
    row = bytes(event.before if event.op == "d" else event.after)
    values = _json(row)
    if not isinstance(values, dict):
        raise Invalid(_why_not(row), "the event has no row (before or after) that is a JSON object")
    org = next((values[name] for name in ORG_COLUMNS if name in values), None)
    _sender(message, org.strip(" ") if isinstance(org, str) else org, event.source.table, tables, orgs)
    if event.ts_ms is not None:
        message.dated = True
        message.source_ms = _plausible(event.ts_ms, message.arrived_ms)
    message.body = row.replace(b"\n", b" ").replace(b"\r", b" ")  # line breaks outside strings only: JSON has no others
    message.batch = f"{message.partition}-{message.offset}"
    message.kind = "debezium"
