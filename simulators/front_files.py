"""Front pages as the files that hospitals upload: CSV, XLSX and DBF.

Columns stand in the interface's order. A CSV may have the codes of the columns or their Chinese names as its header, be
UTF-8 with or without a byte order mark or GB18030, and separate by commas or tabs. A DBF is a dBASE III file in GBK,
the export of older record systems; it has no limit of 255 columns here, because the interface has more.
"""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal

import xlsxwriter

from simulators.messages import Row
from standard.model import Column

Header = Literal["codes", "names"]
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")

#: dBASE III without memo, its code page byte for GBK, end of the header, a row that is there, end of the file.
DBASE_III, GBK_PAGE, HEADER_END, LIVE, FILE_END = 0x03, 0x4D, b"\r", b" ", b"\x1a"
#: A field is at most so many bytes wide; a Chinese character takes two.
WIDEST, TWO_BYTES = 254, 2
#: Width of a time as text, and what a number needs besides its digits: sign and point.
TIME_WIDTH, SIGN_AND_POINT = 19, 2
#: The name of a field.
NAME_BYTES = 11


def write_csv(
    path: Path, columns: Sequence[Column], rows: Sequence[Row], *, encoding: str = "utf-8", separator: str = ",",
    header: Header = "codes",
) -> None:  # fmt: skip
    """Write a CSV file; ``encoding`` one of ENCODINGS."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
        writer.writerow(titles(columns, header))
        writer.writerows(values(columns, rows))


def write_xlsx(path: Path, columns: Sequence[Column], rows: Sequence[Row], header: Header = "codes") -> None:
    """Write an XLSX file; every value is text, as the interface's exports have it."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("病案首页")
        for column, title in enumerate(titles(columns, header)):
            sheet.write_string(0, column, title)
        for number, line in enumerate(values(columns, rows), 1):
            for column, value in enumerate(line):
                if value:
                    sheet.write_string(number, column, value)


def write_dbf(path: Path, columns: Sequence[Column], rows: Sequence[Row], day: date) -> None:
    """Write a DBF file; ``day`` is its date of change. Raises UnicodeEncodeError for what GBK cannot write."""
    widths = [width(column) for column in columns]
    with path.open("wb") as file:
        _dbf_header(file, columns, widths, len(rows), day)
        for line in values(columns, rows):
            file.write(LIVE + b"".join(_field(*one) for one in zip(columns, widths, line, strict=True)))
        file.write(FILE_END)


def titles(columns: Sequence[Column], header: Header) -> list[str]:
    """The header line."""
    return [column.name if header == "codes" else column.name_zh for column in columns]


def values(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[list[str]]:
    """The values of each row in the order of the columns; empty where there is none."""
    for row in rows:
        yield [row.get(column.name, "") for column in columns]


def width(column: Column) -> int:
    """Bytes of the column's field in a DBF."""
    if column.type == "number":
        return (column.precision or 0) + SIGN_AND_POINT
    if column.type == "text":
        return min(WIDEST, (column.width or 1) * TWO_BYTES)
    return TIME_WIDTH


def _dbf_header(file: BinaryIO, columns: Sequence[Column], widths: Sequence[int], rows: int, day: date) -> None:
    size = 32 + 32 * len(columns) + len(HEADER_END)
    file.write(
        struct.pack(
            "<BBBBIHH17xB2x", DBASE_III, day.year - 1900, day.month, day.day, rows, size, 1 + sum(widths), GBK_PAGE
        )
    )
    for column, bytes_ in zip(columns, widths, strict=True):
        kind = b"N" if column.type == "number" else b"C"
        scale = (column.scale or 0) if column.type == "number" else 0
        name = column.name.encode("ascii").ljust(NAME_BYTES, b"\0")
        file.write(struct.pack("<11sc4xBB14x", name, kind, bytes_, scale))
    file.write(HEADER_END)


def _field(column: Column, bytes_: int, value: str) -> bytes:
    """A value in its field: numbers to the right; text to the left, cut between characters where it is too long."""
    if column.type == "number":
        return value.encode("gbk").rjust(bytes_)[:bytes_]
    content = value.encode("gbk")
    while len(content) > bytes_:
        value = value[:-1]
        content = value.encode("gbk")
    return content.ljust(bytes_)
