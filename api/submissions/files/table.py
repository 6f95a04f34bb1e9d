"""A file of front pages of whatever kind, opened: its header held against the standard, its rows as texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from api.submissions.files import dbase, text, workbook
from api.submissions.files.header import Header, read_header
from api.submissions.files.refused import Unusable
from standard.model import Table

Format = Literal["csv", "xlsx", "dbf"]

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, or a workbook with a password
#: Bytes 1 to 3 of a DBF are the date of its last change: month and day.
_LATEST_MONTH, _LATEST_DAY = 12, 31


@dataclass(frozen=True, slots=True)
class Opened:
    """``rows``: the number of each row as a spreadsheet counts (the header is row 1) and its cells."""

    format: Format
    encoding: str
    header: Header
    rows: Iterator[tuple[int, list[str]]]


def open_table(path: Path, table: Table, variant: str) -> Opened:
    """Open a file by what is in it, whatever its name says. Raises Unusable, here or while the rows are read."""
    kind = kind_of(path)
    if kind == "dbf":
        header = read_header(dbase.header(path), table, variant)
        return Opened(kind, "gb18030", header, dbase.rows(path))
    encoding = "" if kind == "xlsx" else text.encoding_of(path)
    rows = workbook.rows(path, len(table.columns)) if kind == "xlsx" else text.rows(path, encoding)
    first = next(rows, None)
    if first is None:
        raise Unusable("empty_file")
    header = read_header(first[1], table, variant)
    return Opened(kind, encoding.removesuffix("-sig"), header, rows)


def kind_of(path: Path) -> Format:
    """What the first bytes say. Raises Unusable for an empty file and an old workbook."""
    with path.open("rb") as file:
        start = file.read(32)
    if not start:
        raise Unusable("empty_file")
    if start.startswith(_OLD_OFFICE):
        raise Unusable("old_office")
    if start.startswith(_ZIP):
        return "xlsx"
    if (
        len(start) == 32 and start[0] in dbase.VERSIONS and 0 < start[2] <= _LATEST_MONTH
        and 0 < start[3] <= _LATEST_DAY
    ):  # fmt: skip
        return "dbf"
    return "csv"
