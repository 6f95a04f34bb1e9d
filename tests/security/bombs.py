"""Files that are small and unpack to something big, or are not what they say."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.api.workbooks import workbook

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
#: A million elements of four bytes are 8 KB zipped, and a gigabyte as Python objects.
MANY = 1_000_000

SHEET, STYLES, TEXTS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"
LINE = ("机构代码", "机构名称")


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        return {entry.filename: old.read(entry) for entry in old.infolist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Parts as a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def honest() -> dict[str, bytes]:
    """The parts of an honest workbook."""
    return parts_of(workbook([LINE, ("1" * 22, "甲")]))


def replaced(name: str, text: str) -> bytes:
    """An honest workbook with another part of this name."""
    return zipped(honest() | {name: (_HEAD + text).encode()})


def _sheet(text: str) -> bytes:
    return replaced(SHEET, f"<worksheet {_MAIN}>{text}</worksheet>")


def bombs() -> dict[str, bytes]:
    """Workbooks of a few KB each that cost hundreds of megabytes when they are read as they stand there."""
    return {
        "a row of a million cells": _sheet(f"<sheetData><row>{'<c/>' * MANY}</row></sheetData>"),
        "a million columns": _sheet(f"<cols>{'<col/>' * MANY}</cols><sheetData/>"),
        "rows that are none": _sheet(f"<cols>{'<row/>' * MANY}</cols><sheetData/>"),
        "a million styles": replaced(STYLES, f"<styleSheet {_MAIN}><cellXfs>{'<xf/>' * MANY}</cellXfs></styleSheet>"),
        "two million texts": replaced(TEXTS, f"<sst {_MAIN}>{'<si/>' * (2 * MANY)}</sst>"),
        "a deep part": _sheet("<a>" * MANY + "</a>" * MANY),
        "a gigabyte of nothing": zipped(honest() | {"xl/media/a.bin": bytes(200 << 20)}),
    }  # fmt: skip


def foreign_texts(secret: Path) -> bytes:
    """A workbook that asks for a file of the server."""
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    cell = '<c t="inlineStr"><is><t>&e;</t></is></c>'
    return replaced(SHEET, f"{entity}<worksheet {_MAIN}><sheetData><row>{cell * 2}</row></sheetData></worksheet>")


def with_macros_and_paths() -> bytes:
    """An honest workbook with a macro, and parts whose names lead out of any folder."""
    evil = {
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0",
        "../../evil.txt": b"x",
        "/etc/evil.txt": b"x",
        "C:\\evil.txt": b"x",
    }
    return zipped(honest() | evil)


def gzip_bomb(megabytes: int, times: int = 1) -> bytes:
    """So many megabytes of nothing, packed so many times."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed:
        for _ in range(megabytes):
            packed.write(bytes(1 << 20))
    content = out.getvalue()
    for _ in range(times - 1):
        content = gzip.compress(content)
    return content
