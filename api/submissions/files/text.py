"""CSV: which encoding it is in, told from the whole file before anything is read of it; then its rows, one at a
time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from api.submissions.files.refused import Unusable

#: Longest field in characters; the widest column has some hundred. A quote that is not closed takes in the rest of the
#: file.
LONGEST = 4_000
#: Lines are read so far; a longer one is no line of 391 fields of at most LONGEST characters.
LONGEST_LINE = 8 * 1024 * 1024
#: Control characters that are no text; tab, line feed and carriage return are.
_BINARY = bytes(code for code in range(32) if code not in (9, 10, 13))
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: So many characters beyond ASCII in a line are not UTF-8 by chance where the rest of the file is GB18030.
SURELY = 6


def encoding_of(path: Path) -> str:
    """``utf-8-sig`` (with or without its mark) or ``gb18030``. Raises Unusable for binary content, other encodings and
    mixtures, with the line.

    A text that is UTF-8 throughout is UTF-8; GB18030 that looks so by chance is no more than a character or two.
    """
    wide_utf8 = other = 0  # first line that is surely UTF-8; first line that is not UTF-8
    with path.open("rb") as file:
        marked = file.read(3) == _UTF8_MARK
        file.seek(0)
        if file.read(2) in _UTF16_MARKS:
            raise Unusable("utf16")
        file.seek(0)
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
            if len(line) == LONGEST_LINE:
                raise Unusable("long_field", number, limit=LONGEST)
            if line.translate(None, _BINARY) != line:
                raise Unusable("binary", number)
            if line.isascii():
                continue
            try:
                wide = sum(byte >= 0xC0 for byte in line) if line.decode() and not wide_utf8 else 0
                if wide >= SURELY:
                    wide_utf8 = number
            except UnicodeDecodeError:
                _refuse_neither(line, number, marked)
                other = other or number
            if wide_utf8 and other:
                raise Unusable("mixed_encodings", max(wide_utf8, other))
    return "gb18030" if other else "utf-8-sig"


def _refuse_neither(line: bytes, number: int, marked: bool) -> None:
    if marked:
        raise Unusable("bad_encoding", number)
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        raise Unusable("bad_encoding", number) from None


def rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Numbers and cells of the rows, the header first; empty rows are left out. A row with line breaks in its fields is
    one row, as in a spreadsheet. Raises Unusable."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=_separator(path, encoding), strict=True)
        number = 0
        while True:
            number += 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "field larger" in str(error):
                    raise Unusable("long_field", number, limit=LONGEST) from None
                raise Unusable("broken_quotes", number) from None
            except UnicodeDecodeError:  # UTF-8 by chance, in a file of GB18030
                raise Unusable("bad_encoding", number) from None
            if any(row):
                if max(map(len, row)) > LONGEST:
                    raise Unusable("long_field", number, limit=LONGEST)
                yield number, row


def _separator(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        head = file.readline(LONGEST_LINE)
    return "\t" if head.count("\t") > head.count(",") else ","
