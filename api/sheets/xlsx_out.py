"""XLSX for Excel and WPS: bold frozen header, filter, number formats, totals; written row by row in little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from api.sheets.columns import Kind, Lang, Sheet, SheetColumn, Totals, cell

#: Rows of one worksheet below its header: Excel ends at 1 048 576, and the totals need one.
MOST_ROWS = 1_048_574
#: Characters of one cell; Excel cannot open a longer one.
MOST_TEXT = 32_767
#: Excel counts in binary fractions with 15 digits: a longer whole number would lose its last ones.
MOST_DIGITS = 10**15
TITLE_LENGTH = 31
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")

FORMATS: dict[Kind, str] = {
    "text": "@", "int": "#,##0", "number": "#,##0.####", "percent": "0.00%", "money": "#,##0.00",
    "date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm:ss",
}  # fmt: skip
_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def xlsx_file(
    sheets: Iterable[Sheet], lang: Lang, path: Path | BinaryIO, tmpdir: Path | None = None
) -> None:  # fmt: skip
    """Write a workbook to ``path`` (or an open binary file). Blocks while it goes through the rows.

    A sheet with more rows than a worksheet takes goes on in the next one. Rows wait in ``tmpdir`` meanwhile (default:
    the system's). Text is always written as text, whatever it begins with. Without sheets ValueError (a bug).
    """
    target = str(path) if isinstance(path, Path) else path
    options = {**_OPTIONS, "tmpdir": str(tmpdir)} if tmpdir else _OPTIONS
    book = xlsxwriter.Workbook(target, options)
    try:
        written = _Written(book, lang)
        for sheet in sheets:
            written.add(sheet)
        if not written.names:
            raise ValueError("a workbook needs a sheet")
    finally:
        book.close()


class _Written:
    """The workbook as far as it is written: its formats and the names of its worksheets."""

    def __init__(self, book: Any, lang: Lang) -> None:
        self._book = book
        self._lang = lang
        self.names: set[str] = set()
        look = {"font_size": 11, "valign": "top"}
        self._formats = {kind: book.add_format({**look, "num_format": text}) for kind, text in FORMATS.items()}
        strong = {**look, "bold": True, "top": 1}
        self._totals = {kind: book.add_format({**strong, "num_format": text}) for kind, text in FORMATS.items()}
        self._header = book.add_format(
            {**look, "bold": True, "text_wrap": True, "bg_color": "#DCE6F1", "bottom": 1, "valign": "vcenter"}
        )

    def add(self, sheet: Sheet) -> None:
        totals = Totals(sheet.columns)
        rows = iter(totals.through(sheet.rows))
        page = self._begin(sheet)
        while True:
            count = 0
            for count, row in enumerate(islice(rows, MOST_ROWS), 1):
                self._row(page, count, sheet.columns, row, self._formats)
            page.autofilter(0, 0, count, max(len(sheet.columns) - 1, 0))
            more = next(rows, None)
            if more is None:
                break
            rows = chain([more], rows)
            page = self._begin(sheet)
        if sheet.totals:
            self._row(page, count + 1, sheet.columns, totals.row(self._lang), self._totals)

    def _begin(self, sheet: Sheet) -> Any:
        page = self._book.add_worksheet(self._name(sheet.title))
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, column.width, self._formats[column.kind])
            page.write_string(0, place, column.header(self._lang), self._header)
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        return page

    def _name(self, title: str) -> str:
        """The title as a worksheet may be named, and no other one is."""
        plain = _NOT_IN_TITLES.sub(" ", title).strip(" '") or "Sheet"
        name, number = plain[:TITLE_LENGTH], 1
        while name.lower() in self.names:
            number += 1
            name = f"{plain[: TITLE_LENGTH - 5]} ({number})"
        self.names.add(name.lower())
        return name

    def _row(
        self, page: Any, line: int, columns: Sequence[SheetColumn], row: Sequence[object], formats: dict[Kind, Any]
    ) -> None:
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            meant, look = cell(column.kind, value), formats[column.kind]
            if meant is None or meant == "":
                if formats is self._totals:
                    page.write_blank(line, place, None, look)
            elif isinstance(meant, str):
                page.write_string(line, place, meant[:MOST_TEXT], look)
            elif isinstance(meant, datetime | date):
                page.write_datetime(line, place, meant, look)
            elif isinstance(meant, int) and abs(meant) >= MOST_DIGITS:
                page.write_string(line, place, str(meant), look)
            else:
                page.write_number(line, place, meant, look)
