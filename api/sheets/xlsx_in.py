"""The rows of a workbook's first visible worksheet, read without trusting it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.read_only import EmptyCell
from openpyxl.utils.exceptions import InvalidFileException

from api.sheets.refused import UnreadableSheet

#: Bytes of all parts unpacked; 20 000 lines of a dozen columns are about 15 MB.
MOST_UNPACKED = 64 * 1024 * 1024
#: Parts of a workbook; an honest one has a dozen and some for each worksheet.
MOST_PARTS = 1000


class NotAValue(Enum):
    """What stands in a cell instead of a value."""

    FORMULA = "formula"
    ERROR = "error"


_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    EOFError, OverflowError, NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip


def rows(content: bytes, columns: int) -> Iterator[tuple[int, list[Any]]]:
    """Row numbers from 1 and the values of the first ``columns`` columns; empty rows may be left out.

    A formula is :attr:`NotAValue.FORMULA`: what it shows depends on what else was in the workbook.
    Raises UnreadableSheet for a broken workbook and for one that unpacks to too much.
    """
    try:
        _check_size(content)
        # Without data_only: its results of formulas are what the program that saved last believed.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        page = next(page for page in book.worksheets if page.sheet_state == "visible")
        page.reset_dimensions()  # what the file says of its size costs memory and need not be true
        for number, row in enumerate(page.iter_rows(max_col=columns), 1):
            yield number, [None if isinstance(cell, EmptyCell) else _value(cell) for cell in row]
    except UnreadableSheet:
        raise
    except (*_BROKEN, StopIteration) as error:  # openpyxl has no error of its own for a workbook that is not one
        raise UnreadableSheet("broken_xlsx") from error


def _check_size(content: bytes) -> None:
    """A part never unpacks to more than its entry says: zipfile stops there."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        entries = parts.infolist()
        if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise UnreadableSheet("too_big")


def _value(cell: Any) -> str | int | float | bool | date | datetime | time | timedelta | NotAValue | None:
    if cell.data_type == "f":
        return NotAValue.FORMULA
    if cell.data_type == "e":
        return NotAValue.ERROR
    value = cell.value
    if isinstance(value, str | int | float | bool | date | datetime | time | timedelta) or value is None:
        return value
    return str(value)
