"""The rows of a workbook's first visible worksheet, read without trusting it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

import openpyxl
from openpyxl.cell.read_only import EmptyCell
from openpyxl.utils.exceptions import InvalidFileException

from api.sheets.refused import UnreadableSheet

#: Bytes of all parts unpacked; 20 000 lines of a dozen columns are about 15 MB.
MOST_UNPACKED = 64 * 1024 * 1024
#: Parts of a workbook; an honest one has a dozen and some for each worksheet.
MOST_PARTS = 1000
#: Elements between two rows (or two shared texts), which openpyxl holds all at once, each as up to 1.5 KB. A row has
#: 16 384 cells at most, and the styles of a workbook that many hands have copied together some ten thousands.
MOST_ELEMENTS = 100_000
#: Rows and shared texts of a part; openpyxl keeps something of each of them. A worksheet has 1 048 576 rows.
MOST_ROWS = 1_100_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: The paths to rows and shared texts: what has these names elsewhere ends nothing.
_ENDS = [[f"{_MAIN} {name}" for name in path] for path in (("worksheet", "sheetData", "row"), ("sst", "si"))]
#: Elements within each other; a workbook has about ten.
MOST_DEEP = 100
_STEP = 256 * 1024


class NotAValue(Enum):
    """What stands in a cell instead of a value."""

    FORMULA = "formula"
    ERROR = "error"


_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    EOFError, OverflowError, NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip


def rows(
    content: IO[bytes], columns: int, most_unpacked: int = MOST_UNPACKED
) -> Iterator[tuple[int, list[Any]]]:  # fmt: skip
    """Row numbers from 1 and the values of the first ``columns`` columns; empty rows may be left out.

    A formula is :attr:`NotAValue.FORMULA`: what it shows depends on what else was in the workbook.
    Raises UnreadableSheet for a broken workbook and for one that unpacks to too much.
    """
    try:
        _check_size(content, most_unpacked)
        # Without data_only: its results of formulas are what the program that saved last believed.
        book = openpyxl.load_workbook(content, read_only=True, keep_links=False)
        page = next(page for page in book.worksheets if page.sheet_state == "visible")
        page.reset_dimensions()  # what the file says of its size costs memory and need not be true
        for number, row in enumerate(page.iter_rows(max_col=columns), 1):
            yield number, [None if isinstance(cell, EmptyCell) else _value(cell) for cell in row]
    except UnreadableSheet:
        raise
    except (*_BROKEN, StopIteration) as error:  # openpyxl has no error of its own for a workbook that is not one
        raise UnreadableSheet("broken_xlsx") from error


def _check_size(content: IO[bytes], most_unpacked: int) -> None:
    """A part never unpacks to more than its entry says: zipfile stops there."""
    with zipfile.ZipFile(content) as parts:
        entries = parts.infolist()
        if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > most_unpacked:
            raise UnreadableSheet("too_big")
        for entry in entries:
            with parts.open(entry) as part:
                _check_elements(part)


def _check_elements(part: IO[bytes]) -> None:
    """Small elements cost openpyxl a hundred times their bytes, wherever they stand; pictures and the like are none of
    its business and end at their first bytes."""
    parser = expat.ParserCreate(namespace_separator=" ")
    path: list[str] = []
    counted, rows = 0, 0

    def begin(name: str, _: object) -> None:
        nonlocal counted
        path.append(name)
        counted += 1
        if counted > MOST_ELEMENTS or len(path) > MOST_DEEP:
            raise UnreadableSheet("too_big")

    def end(_: str) -> None:
        nonlocal counted, rows
        if path in _ENDS:
            counted, rows = 0, rows + 1
            if rows > MOST_ROWS:
                raise UnreadableSheet("too_big")
        path.pop()

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        while piece := part.read(_STEP):
            parser.Parse(piece)
    except expat.ExpatError:
        return  # no XML, or broken: openpyxl, which reads with the same parser, comes no further


def _value(cell: Any) -> str | int | float | bool | date | datetime | time | timedelta | NotAValue | None:
    if cell.data_type == "f":
        return NotAValue.FORMULA
    if cell.data_type == "e":
        return NotAValue.ERROR
    value = cell.value
    if isinstance(value, str | int | float | bool | date | datetime | time | timedelta) or value is None:
        return value
    return str(value)
