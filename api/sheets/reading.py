"""The lines of a file that somebody made with Excel, WPS or a text editor: values as they stand there, nothing guessed.

Text files are UTF-8 (with or without a byte order mark), UTF-16 with one, or GB18030, separated by commas or tabs.
Workbooks are XLSX; the first visible worksheet counts. A JSON array of flat objects is taken too: it is what our own
programs write. What a hostile or careless file may cost is limited here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import orjson

from api.sheets import xlsx_in
from api.sheets.columns import GUARD, RISKY
from api.sheets.refused import UnreadableSheet

#: Lines below the header; the largest table that is kept this way is the map of a big hospital's drugs and items.
MOST_LINES = 20_000
#: Columns that are looked at; the widest table has 14.
MOST_COLUMNS = 32
#: So many empty lines in a row are the end: formatted but unused lines go on for a million.
MOST_EMPTY = 10_000

Value = str | int | float | bool | date | datetime | time | timedelta | xlsx_in.NotAValue | None

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, or a workbook with a password
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: What looks like nothing but is there: spaces of other widths, and marks that text editors leave.
INVISIBLE = " \t\r\n\u00a0\u3000\u200b\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with something in it. ``number`` counts from 1 as Excel and text editors do."""

    number: int
    cells: tuple[Value, ...]


def read_lines(content: bytes) -> Iterator[Line]:
    """The lines that are not empty, in order. Text is stripped; an empty text is None.

    Raises UnreadableSheet for what is no table, or more than we take.
    """
    if content.startswith(_OLD_OFFICE):
        raise UnreadableSheet("old_office")
    if content.startswith(_ZIP):
        numbered = xlsx_in.rows(io.BytesIO(content), MOST_COLUMNS)
    elif content.lstrip().startswith(b"["):
        numbered = _json_rows(content)
    else:
        numbered = _text_rows(content)
    taken, last = 0, 0
    for number, values in numbered:
        if number - last > MOST_EMPTY:
            return
        cells = [_plain(value) for value in values[:MOST_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        taken, last = taken + 1, number
        if taken > MOST_LINES:
            raise UnreadableSheet("too_many_lines", limit=MOST_LINES)
        yield Line(number, tuple(cells))


def _plain(value: Value) -> Value:
    return (value.strip(INVISIBLE) or None) if isinstance(value, str) else value


def _json_rows(content: bytes) -> Iterator[tuple[int, list[Value]]]:
    """The names as the first line, then an object a line."""
    try:
        objects = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise UnreadableSheet("not_text") from None
    if not all(isinstance(one, dict) for one in objects):
        raise UnreadableSheet("not_text")
    names = list(dict.fromkeys(name for one in objects for name in one))[:MOST_COLUMNS]
    yield 1, list(names)
    for number, one in enumerate(objects, 2):
        flat = (one.get(name) for name in names)
        yield number, [str(value) if isinstance(value, list | dict) else value for value in flat]


def _text_rows(content: bytes) -> Iterator[tuple[int, list[Value]]]:
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableSheet("not_text")
    head = text[: 64 * 1024].lstrip(INVISIBLE)
    delimiter = "\t" if head.count("\t") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            values: list[Value] = [_unguarded(value) for value in row]
            yield begins, values
            begins = reader.line_num + 1
    except csv.Error:
        raise UnreadableSheet("broken_csv", line=begins) from None


def _unguarded(value: str) -> str:
    """Without the ``'`` that our own exports put before a text that a spreadsheet might run."""
    return value[1:] if value.startswith(GUARD) and value[1:].startswith(RISKY) else value


def _decoded(content: bytes) -> str:
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet("not_text")
