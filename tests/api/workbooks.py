"""Files as people make them with Excel, WPS and text editors."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl


def workbook(rows: Iterable[Sequence[Any]], title: str = "") -> bytes:
    """An XLSX file; with ``title`` a merged line above, as people like it."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    rows = list(rows)
    if title:
        page.append([title])
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))
        page.append([])
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*rows: str, encoding: str = "utf-8", separator: str = "\r\n") -> bytes:
    """A text file."""
    return (separator.join(rows) + separator).encode(encoding)
