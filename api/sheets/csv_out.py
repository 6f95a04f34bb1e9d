"""CSV for Excel and WPS: UTF-8 with a byte order mark, lines ending in CR LF.

What opens a CSV may take a semicolon or a tab for the end of a cell, too, and what follows for a formula; between
quotes neither ends anything. So a line that has one in a text is written with every cell in quotes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from api.sheets.columns import GUARD, RISKY, Kind, Lang, Sheet, SheetColumn, Totals, cell

#: Sent at once: big enough that the cost of a piece does not matter, small enough that the first one comes soon.
PIECE = 64 * 1024
_ENDS_CELLS_ELSEWHERE = (";", "\t")


def csv_stream(sheet: Sheet, lang: Lang) -> Iterator[bytes]:
    """The sheet in pieces. A text that a spreadsheet might run gets ``'`` in front; percentages are written as 12.34%.

    A CSV says nothing of types: Excel shows long numbers in rounded form. For codes give people XLSX.
    """
    totals = Totals(sheet.columns)
    buffer = io.StringIO()
    plain, quoted = csv.writer(buffer), csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    plain.writerow([_text("text", column.header(lang)) for column in sheet.columns])
    for row in totals.through(sheet.rows):
        line = _line(sheet.columns, row)
        (quoted if any(sign in text for text in line for sign in _ENDS_CELLS_ELSEWHERE) else plain).writerow(line)
        if buffer.tell() >= PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if sheet.totals:
        plain.writerow(_line(sheet.columns, totals.row(lang)))
    yield buffer.getvalue().encode()


def _line(columns: Iterable[SheetColumn], row: Iterable[object]) -> list[str]:
    return [_text(column.kind, value) for column, value in zip(columns, row, strict=True)]


def _text(kind: Kind, value: object) -> str:
    meant = cell(kind, value)
    if meant is None:
        return ""
    if isinstance(meant, str):
        return GUARD + meant if meant.startswith(RISKY) else meant
    if isinstance(meant, datetime | date):
        return meant.isoformat(sep=" ") if isinstance(meant, datetime) else meant.isoformat()
    if kind == "percent":
        return f"{meant * 100:.2f}%"
    if kind == "money":
        return f"{Decimal(str(meant)):.2f}"
    return format(meant, "f") if isinstance(meant, Decimal) else str(meant)
