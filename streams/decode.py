"""Step 1, decode: messages in, one frame of text columns for each table out, and letters for what cannot be read.

Rows become columns with Polars' NDJSON reader and an all-text schema: it takes numbers in text columns, unknown,
missing and nested fields, and fails a whole call on one bad row. So all rows of a table are read in one call, and only
when that fails are they halved until the bad rows stand alone. A row is read the same way whatever it was read with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import orjson
import polars as pl

from sanjian.errors import Invalid
from standard.model import Table
from streams.message import Letter, Message, Record, identify, open_message, read

#: Columns of our own in a frame: index of the message in the batch, and number of the row in the message from 1.
MESSAGE = "_message"
ROW = "_row"
NOT_A_ROW = "the row is not a JSON object in UTF-8"
#: A message names at most so many unknown columns; more are noise.
UNKNOWN_MOST = 20


@dataclass(slots=True)
class Decoded:
    """Messages in order of arrival, a frame for each (table, op) with MESSAGE, ROW and the table's columns as text."""

    messages: list[Message] = field(default_factory=list)
    frames: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)


def decode(records: Iterable[Record], tables: Mapping[str, Table], orgs: frozenset[str], limit: int) -> Decoded:
    """Read the records' headers and rows. Never raises for data.

    :param tables: the standard's tables by upper-case name (aliases too).
    :param orgs: registered institutions.
    :param limit: the largest message in bytes that is read.
    """
    decoded = Decoded()
    for record in records:
        message = open_message(record, orgs)
        index = len(decoded.messages)
        decoded.messages.append(message)
        try:
            read(message, record.value, tables, orgs, limit)
        except Invalid as error:
            message.kind = "unreadable"
            decoded.letters.append(Letter(index, 0, error.reason, error.detail, record.value or b""))
        identify(message, record.value or b"")
    return decoded


def read_rows(decoded: Decoded, tables: Mapping[str, Table], skip: frozenset[int] = frozenset()) -> None:
    """Turn the bodies of the messages into ``decoded.frames``; messages in ``skip`` (repeats) are left out."""
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for index, message in enumerate(decoded.messages):
        if message.kind in ("batch", "debezium") and message.rows and index not in skip:
            lower = _look_at_columns(message, tables[message.table])
            groups.setdefault((message.table, message.op, lower), []).append(index)
    parts: dict[tuple[str, str], list[pl.DataFrame]] = {}
    for (table, op, lower), indexes in groups.items():
        frame, letters = _frame(decoded.messages, indexes, tables[table], lower)
        decoded.letters.extend(letters)
        if frame.height:
            parts.setdefault((table, op), []).append(frame)
    for key, frames in parts.items():
        decoded.frames[key] = frames[0] if len(frames) == 1 else pl.concat(frames).sort(MESSAGE, ROW)


def _look_at_columns(message: Message, table: Table) -> bool:
    """Note unknown columns, seen in the first and the last row; tell whether the columns are in lower case."""
    body = message.body
    first, last = body.find(b"\n"), body.rfind(b"\n")
    names: dict[str, None] = {}
    for line in (body,) if first < 0 else (body[:first], body[last + 1 :]):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(row, dict):
            names.update(dict.fromkeys(row))
    known = table.by_name
    unknown = [name for name in names if name not in known]
    lower = bool(unknown) and len(unknown) == len(names) and any(name.upper() in known for name in names)
    if lower:
        unknown = [name for name in unknown if name.upper() not in known]
    message.unknown_columns = [name[:64] for name in unknown[:UNKNOWN_MOST]]
    return lower


def _frame(
    messages: Sequence[Message], indexes: list[int], table: Table, lower: bool
) -> tuple[pl.DataFrame, list[Letter]]:
    names = [column.name for column in table.columns]
    schema: dict[str, type[pl.String]] = {(name.lower() if lower else name): pl.String for name in names}
    bodies = [messages[index].body for index in indexes]
    counts = [messages[index].rows for index in indexes]
    owners = np.repeat(np.array(indexes, dtype=np.int32), counts)
    numbers = np.fromiter(chain.from_iterable(range(1, count + 1) for count in counts), np.int32, len(owners))
    content = _content(bodies)
    letters: list[Letter] = []
    frame = _read(content, schema, len(owners))
    if frame is None:
        lines = content.split(b"\n")[1:]
        bad: list[int] = []
        frames = list(_halved(lines, 0, schema, bad))
        frame = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
        letters = [
            Letter(int(owners[place]), int(numbers[place]), "not_json", NOT_A_ROW, lines[place]) for place in bad
        ]
        owners, numbers = np.delete(owners, bad), np.delete(numbers, bad)
    frame = frame.rename({name.lower(): name for name in names}) if lower else frame
    return _tidy(frame).with_columns(pl.Series(MESSAGE, owners), pl.Series(ROW, numbers)), letters


def _content(lines: Sequence[bytes]) -> bytes:
    """For the reader, which unpacks what begins like a gzip, zlib or zstd file: nothing does after a blank line."""
    return b"\n".join((b"", *lines))


def _read(content: bytes, schema: dict[str, type[pl.String]], rows: int) -> pl.DataFrame | None:
    try:
        frame = pl.read_ndjson(content, schema=schema)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if frame.height == rows else None


def _halved(
    lines: list[bytes], start: int, schema: dict[str, type[pl.String]], bad: list[int]
) -> Iterable[pl.DataFrame]:
    """Frames of the readable lines in order; places of the others are added to ``bad``."""
    frame = _read(_content(lines), schema, len(lines))
    if frame is not None:
        yield frame
    elif len(lines) == 1:
        bad.append(start)
    else:
        middle = len(lines) // 2
        yield from _halved(lines[:middle], start, schema, bad)
        yield from _halved(lines[middle:], start + middle, schema, bad)


def _tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Without spaces around texts (padded CHAR columns), and null for an empty text.

    Looking is much cheaper than doing, and most senders need neither; only columns with such values are touched.
    """
    if not frame.height:
        return frame
    padded = _columns(frame, (pl.all().str.starts_with(" ") | pl.all().str.ends_with(" ")).any())
    if padded:
        frame = frame.with_columns(pl.col(padded).str.strip_chars(" "))
    blank = _columns(frame, pl.all().str.len_bytes().min() == 0)
    if blank:
        frame = frame.with_columns(pl.when(pl.col(blank) != "").then(pl.col(blank)))
    return frame


def _columns(frame: pl.DataFrame, test: pl.Expr) -> list[str]:
    return [name for name, hit in zip(frame.columns, frame.select(test).row(0), strict=True) if hit]
