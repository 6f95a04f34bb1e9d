"""Messages and rows that cannot be read, each with the reason and the counts it must end with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulators.manifest import UNKNOWN_DATE, Cell, Manifest
from simulators.messages import Message, Row, header, lines
from simulators.orgs import make_orgs
from simulators.province import Batch

#: An institution that no province holds: structure and check character are right, but it is not registered.
STRANGER = make_orgs(1, 999)[0].org.replace("990102", "990999").replace("990103", "990999").replace("990121", "990999")
UNKNOWN_TABLE = "TB_MZ_WCBXB"
ROWS = 3


@dataclass(frozen=True, slots=True)
class Garbage:
    """One unreadable message: its reason, the rows that count as lost, and what its header still tells."""

    reason: str
    build: Callable[[Batch, str], bytes]
    rows: int = ROWS
    tells_table: bool = False
    stranger: bool = False


def _named(batch: Batch, id_: str, rows: Sequence[Row], **more: object) -> bytes:
    fields: dict[str, object] = {"org": batch.org, "table": batch.table}
    head = header(batch.org, batch.table, id_, batch.sent_at, len(rows), **(fields | more))
    return head + b"\n" + lines(rows)


def _some(batch: Batch) -> list[Row]:
    return [dict(row) for row in (list(batch.rows) * ROWS)[:ROWS]]


def _truncated(batch: Batch, id_: str) -> bytes:
    return header(batch.org, batch.table, id_, batch.sent_at, ROWS)[:-12]


def _no_count(batch: Batch, id_: str) -> bytes:
    return header(batch.org, batch.table, id_, batch.sent_at, 0, count=None) + b"\n" + lines(_some(batch))


WHOLE: tuple[Garbage, ...] = (
    Garbage("count_mismatch", lambda b, i: _named(b, i, _some(b)[1:], count=ROWS), tells_table=True),
    Garbage("unknown_table", lambda b, i: _named(b, i, _some(b), table=UNKNOWN_TABLE)),
    Garbage("unknown_org", lambda b, i: _named(b, i, _some(b), org=STRANGER), tells_table=True, stranger=True),
    Garbage("unknown_version", lambda b, i: _named(b, i, _some(b), sanjian=2)),
    Garbage("unsupported_op", lambda b, i: _named(b, i, _some(b), op="merge"), tells_table=True),
    Garbage("not_json", _truncated, rows=1),
    Garbage("bad_header", _no_count, rows=1),
    Garbage("empty", lambda b, i: b"", rows=1),  # last: a feed has it once, two of them in a millisecond are a repeat
)
#: Lines that are no row: truncated, no object, not a number, not UTF-8. The other rows of their batch stay readable.
JUNK_LINES: tuple[bytes, ...] = (
    b'{"YLJGDM":"9900000000","SFMXID":"SF', b"[1,2,3]", b'{"MXXMSL":NaN}', b'{"KDYSXM":"\xd5\xc5\xc8\xfd"}',
)  # fmt: skip
JUNK_REASON = "not_json"


def garbage(kind: Garbage, batch: Batch, number: int, manifest: Manifest) -> Message:
    """A whole unreadable message, made from a real batch so that it looks like one; expected in the manifest."""
    id_ = f"G{batch.day:%Y%m%d}-{number:04d}"
    org = STRANGER if kind.stranger else batch.org
    cell: Cell = (org, batch.table if kind.tells_table else "", UNKNOWN_DATE)
    manifest.lost(cell, kind.reason, kind.rows)
    manifest.planted["garbage"] += 1
    return Message(org, batch.table, id_, kind.rows, batch.sent_at, kind.build(batch, id_))


def with_junk(message: Message, batch: Batch, junk: bytes, manifest: Manifest) -> Message:
    """A change batch with one more line that cannot be read; expected in the manifest."""
    rows = message.body.split(b"\n")
    rows.insert(len(rows) // 2, junk)
    head = header(batch.org, batch.table, message.batch, batch.sent_at, len(rows))
    manifest.lost((batch.org, batch.table, UNKNOWN_DATE), JUNK_REASON, 1, whole=False)
    manifest.planted["junk_row"] += 1
    value = head + b"\n" + b"\n".join(rows)
    return Message(message.org, message.table, message.batch, len(rows), message.sent_at, value)
