"""The check of a whole file before its first row is sent, and the messages that it is cut into on the way.

Rows that follow one another in the file are one message of at most PART_ROWS rows and PART_BYTES bytes; what a message
holds follows from the file and the submission alone. Whether a row is right is the rules' matter: here it is only seen
to that the file is what it says it is. Blocks; to be called in a thread.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import orjson

from api.submissions.files.refused import Unusable
from api.submissions.files.table import Opened, open_table
from api.submissions.parts import Part, Parts, RowKey
from api.wire import iso
from standard.model import Table

#: Rows and bytes of a message. A run of the pipeline takes 8 MB of them, and has a fixed cost: the rules of a front
#: page are two thousand checks.
PART_ROWS = 1000
PART_BYTES = 3 * 1024 * 1024
#: Room for the header line of a message, with the numbers of PART_ROWS repeated rows.
HEADER_BYTES = 6 * 1024
#: A file of 200 MB has about 150 000 front pages; each row costs some memory of keys.
MOST_ROWS = 1_000_000
#: Each gap in a file begins a message; a file is not to become a million of them.
MOST_GAPS = 1_000
#: Rows between two looks at whether somebody has cancelled.
LOOK_EVERY = 200
_MONTH = re.compile(r"\s*(\d{4})[-/.年]?(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is submitted as. ``sent_at``: when it was whole."""

    submission: str
    org: str
    month: date
    variant: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was taken, as it was found to be."""

    format: str
    encoding: str
    missing: tuple[str, ...]
    rows: int
    parts: int


class Stopped(Exception):
    """The check was told to stop."""


@dataclass(slots=True)
class _Cutting:
    """Rows on their way into messages."""

    wanted: Wanted
    table: Table
    into: Parts
    most: int  # bytes of the rows of a message
    lines: list[bytes] = field(default_factory=list)
    keys: list[RowKey] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    size: int = 0
    first: int = 0
    seen: set[int] = field(default_factory=set)  # hashes of the keys of earlier messages
    count: int = 0

    def add(self, number: int, values: dict[str, str]) -> None:
        """The next row; ``number``: its row of the file."""
        line = orjson.dumps(values)
        if len(line) > self.most:
            raise Unusable("long_row", number, limit=self.most)
        full = len(self.lines) == PART_ROWS or self.size + len(line) >= self.most
        if self.lines and (full or number != self.first + len(self.lines)):
            self.cut()
        if not self.lines:
            self.first = number
        key = "|".join(values.get(column, "") for column in self.table.key[1:])
        if _hash(key.encode()) in self.seen:
            self.repeats.append(len(self.lines) + 1)
        self.lines.append(line)
        self.keys.append(RowKey(key, number, _hash(line)))
        self.size += len(line) + 1

    def cut(self) -> None:
        """What there is becomes a message."""
        header: dict[str, object] = {
            "sanjian": 1, "org": self.wanted.org, "table": self.table.name,
            "batch": f"{self.wanted.submission}/{self.first}", "op": "upsert", "sent_at": iso(self.wanted.sent_at),
            "count": len(self.lines),
        }  # fmt: skip
        if self.repeats:
            header["repeats"] = self.repeats
        message = b"\n".join((orjson.dumps(header), *self.lines))
        self.into.add(Part(self.first, len(self.lines), len(message)), message, self.keys)
        self.count += len(self.lines)
        self.seen.update(_hash(key.key.encode()) for key in self.keys)
        self.lines, self.keys, self.repeats, self.size = [], [], [], 0


def check(
    path: Path, wanted: Wanted, table: Table, into: Parts, limit: int, progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> Checked:  # fmt: skip
    """Check the file and cut it into ``into``. Raises Unusable; Stopped once ``stopped`` says so.

    :param limit: bytes of the largest message that is taken.
    :param progress: told from time to time how many rows were read.
    """
    into.begin()
    opened = open_table(path, table, wanted.variant)
    cutting = _Cutting(wanted, table, into, min(PART_BYTES, limit - HEADER_BYTES))
    gaps, read, last = 0, 0, 0
    for number, values in _rows(opened, wanted, table):
        if last and number != last + 1:
            gaps += 1
            if gaps > MOST_GAPS:
                raise Unusable("empty_row", last + 1)
        last, read = number, read + 1
        if read > MOST_ROWS:
            raise Unusable("too_many_rows", number, limit=MOST_ROWS)
        cutting.add(number, values)
        if read % LOOK_EVERY == 0:
            progress(read)
            if stopped():
                raise Stopped
    if not read:
        raise Unusable("no_rows")
    cutting.cut()
    progress(read)
    made = into.finish()
    return Checked(opened.format, opened.encoding, opened.header.missing, cutting.count, made)


def _rows(opened: Opened, wanted: Wanted, table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows as they are sent: without empty values and without spaces around them."""
    names = opened.header.names
    width = len(names)
    month = (wanted.month.year, wanted.month.month)
    for number, given in opened.rows:
        cells = given if len(given) == width else _fitted(given, width, number, opened.format == "xlsx")
        values = {name: value for name, cell in zip(names, cells, strict=True) if cell and (value := cell.strip(" "))}
        if not values:
            continue
        if values.get(table.org, wanted.org) != wanted.org:
            raise Unusable("wrong_org", number)
        said = _MONTH.match(values.get(table.biz_date, ""))
        if said and (int(said[1]), int(said[2])) != month and 1 <= int(said[2]) <= 12:
            raise Unusable("wrong_month", number)
        yield number, values


def _fitted(cells: Sequence[str], width: int, number: int, sheet: bool) -> list[str]:
    """Cells beyond the header that are empty do not count; a ``sheet`` leaves out empty ones at the end of a row."""
    fitted = list(cells)
    while len(fitted) > width and not fitted[-1].strip():
        fitted.pop()
    if len(fitted) > width or (len(fitted) < width and not sheet):
        raise Unusable("cells", number, found=len(fitted), wanted=width)
    return fitted + [""] * (width - len(fitted))


def _hash(content: bytes) -> int:
    """64 bits: of a million keys two are taken for the same one in one of thirty million files."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")
