"""XLSX: the rows of the first visible worksheet, as texts; what a hostile workbook may cost is limited."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from api.sheets import xlsx_in
from api.sheets.refused import UnreadableSheet
from api.submissions.files.refused import Unusable
from api.submissions.files.text import LONGEST

#: Bytes of all parts unpacked: about 30 000 front pages. What is larger is read faster, and with less memory, as CSV.
MOST_UNPACKED = 512 * 1024 * 1024
#: Texts that several cells share are held in memory, as up to five times their bytes.
MOST_SHARED = 96 * 1024 * 1024
_SHARED = "xl/sharedStrings.xml"
_MACROS = "vbaProject.bin"


def rows(path: Path, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    """Numbers and cells of the rows, the header first; empty rows are left out. Raises Unusable."""
    _look(path)
    try:
        with path.open("rb") as file:
            for number, cells in xlsx_in.rows(file, most_columns + 1, MOST_UNPACKED):
                row = [_text(cell, number) for cell in cells]
                if any(row):
                    yield number, row
    except UnreadableSheet as error:
        raise Unusable("big_xlsx" if error.code == "too_big" else "broken_xlsx") from error


def _look(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            entries = parts.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unusable("broken_xlsx") from error
    if any(entry.filename.endswith(_MACROS) for entry in entries):
        raise Unusable("macros")
    if sum(entry.file_size for entry in entries if entry.filename.lower() == _SHARED.lower()) > MOST_SHARED:
        raise Unusable("big_xlsx")


def _text(value: Any, row: int) -> str:
    """The value of a cell as the interface writes it."""
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise Unusable("long_field", row, limit=LONGEST)
        return value
    if value is xlsx_in.NotAValue.FORMULA:
        raise Unusable("formula", row)
    if value is xlsx_in.NotAValue.ERROR:
        raise Unusable("cell_error", row)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        whole_day = value.time() == time()
        return f"{value:%Y-%m-%d}" if whole_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | time | timedelta) else ""
