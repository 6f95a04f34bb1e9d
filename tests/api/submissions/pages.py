"""Small files of front pages, as texts and bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from api.submissions.check import Checked, Wanted, check
from api.submissions.parts import Parts
from simulators.front_files import write_dbf, write_xlsx
from standard.load import load
from standard.model import Column, Table

ORG = "990000000000000000000A"
MONTH = date(2026, 10, 1)
SUBMISSION = "a" * 32
SENT_AT = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)


@cache
def table() -> Table:
    """TB_BASY."""
    return load().tables["TB_BASY"]


def columns() -> tuple[Column, ...]:
    """Of a western file."""
    return table().of_variant("")


def page(number: int, **values: str) -> dict[str, str]:
    """One front page; only what a file is checked for is sure to be there."""
    return {"P900": ORG, "P3": f"BA{number:06d}", "P2": "1", "P4": "张三", "P25": "2026-10-05 10:00:00"} | values


def pages(count: int) -> list[dict[str, str]]:
    """Front pages with numbers from 1."""
    return [page(number) for number in range(1, count + 1)]


def text(rows: Sequence[dict[str, str]], *, names: bool = False, separator: str = ",") -> str:
    """A CSV file as text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(column.name_zh if names else column.name for column in columns())
    writer.writerows([row.get(column.name, "") for column in columns()] for row in rows)
    return out.getvalue()


def saved(folder: Path, content: bytes | str, name: str = "file") -> Path:
    """The content as a file; text is UTF-8."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def dbf(folder: Path, rows: Sequence[dict[str, str]]) -> Path:
    """A DBF file."""
    write_dbf(folder / "file.dbf", columns(), rows, MONTH)
    return folder / "file.dbf"


def xlsx(folder: Path, rows: Sequence[dict[str, str]]) -> Path:
    """A workbook."""
    write_xlsx(folder / "file.xlsx", columns(), rows)
    return folder / "file.xlsx"


def checked(path: Path, *, variant: str = "western", limit: int = 8 * 1024 * 1024) -> tuple[Checked, Parts]:
    """The file checked, and its messages."""
    parts = Parts(path.parent / "parts")
    wanted = Wanted(SUBMISSION, ORG, MONTH, variant, SENT_AT)
    return check(path, wanted, table(), parts, limit, lambda rows: None, lambda: False), parts
