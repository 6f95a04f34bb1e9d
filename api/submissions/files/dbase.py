"""DBF, the export of older record systems: its records as texts in GBK (GB18030), one at a time.

dbfread knows the header and the records; values are taken as they stand there, because numbers and dates are the rules'
matter. A deleted record is left out and keeps its number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from dbfread import DBF, DBFNotFound, MissingMemoFile

from api.submissions.files.refused import Unusable

#: dBASE III without memo, FoxBASE, Visual FoxPro: what record systems write.
VERSIONS = frozenset({0x02, 0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5})
#: Kinds of fields whose bytes are the value: text, date, number, float, logical.
_KINDS = frozenset("CDNFL")
ENCODING = "gb18030"
_MARK = b"*"


def header(path: Path) -> list[str]:
    """The names of the fields. Raises Unusable."""
    found = _open(path)
    strange = [field.name for field in found.fields if field.type not in _KINDS]
    if strange:
        raise Unusable("dbf_memo", 0, columns=", ".join(strange[:10]))
    return list(found.field_names)


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbers and values of the records that are not deleted. The header is row 1, as if it were a sheet: the first
    record is row 2. Raises Unusable."""
    found = _open(path)
    fields = [(field.length, field.type) for field in found.fields]
    width = sum(length for length, _ in fields)
    with path.open("rb") as file:
        file.seek(found.header.headerlen)
        for number in range(2, found.header.numrecords + 2):
            record = file.read(1 + width)
            if len(record) < 1 + width:
                raise Unusable("broken_dbf", number)
            if record[:1] != _MARK:
                yield number, _values(record, fields, number)


def _values(record: bytes, fields: list[tuple[int, str]], number: int) -> list[str]:
    values, place = [], 1
    try:
        text = record.decode("ascii")  # most records of numbers; then places are places
        for length, kind in fields:
            values.append(_value(text[place : place + length], kind))
            place += length
    except UnicodeDecodeError:
        values, place = [], 1
        for length, kind in fields:
            try:
                values.append(_value(record[place : place + length].decode(ENCODING), kind))
            except UnicodeDecodeError:
                raise Unusable("bad_encoding", number) from None
            place += length
    return values


def _value(text: str, kind: str) -> str:
    value = text.strip(" \0")
    if kind == "D" and len(value) == 8:
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    if kind == "L":
        return {"T": "1", "Y": "1", "F": "0", "N": "0"}.get(value.upper(), "")
    return value


def _open(path: Path) -> DBF:
    try:
        found = DBF(str(path), encoding=ENCODING, load=False, ignore_missing_memofile=True)
    except (
        ValueError,
        LookupError,
        struct.error,
        OSError,
        DBFNotFound,
        MissingMemoFile,
        KeyError,
        IndexError,
    ) as error:
        raise Unusable("broken_dbf") from error
    length = found.header.headerlen + found.header.numrecords * (1 + sum(field.length for field in found.fields))
    if not found.fields or found.header.recordlen != 1 + sum(field.length for field in found.fields):
        raise Unusable("broken_dbf")
    if path.stat().st_size < length:
        raise Unusable("broken_dbf")
    return found
