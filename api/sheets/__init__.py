"""Sheets: tables that people open in Excel or WPS, written as streams, and tables that people send in, read with care.

Writing: :class:`Sheet`, :class:`SheetColumn`, :func:`csv_stream`, :func:`xlsx_file`, :func:`download`.
Reading: :func:`read_lines` gives the lines of a CSV or XLSX file with their numbers; what the columns mean is decided
in ``api/imports``.
"""

from __future__ import annotations

from api.sheets.columns import Format, Lang, Sheet, SheetColumn
from api.sheets.csv_out import csv_stream
from api.sheets.download import download
from api.sheets.reading import Line, read_lines
from api.sheets.xlsx_out import xlsx_file

__all__ = ["Format", "Lang", "Line", "Sheet", "SheetColumn", "csv_stream", "download", "read_lines", "xlsx_file"]
