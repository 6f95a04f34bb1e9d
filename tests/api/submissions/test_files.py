"""Files of front pages: what is read of them, and what is refused with row and reason."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.submissions.files.refused import REASONS, Unusable
from api.submissions.files.text import LONGEST, encoding_of
from tests.api.submissions.pages import checked, columns, dbf, page, pages, saved, text, xlsx

CELLS = st.text(
    st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="\u2028\u2029"),
    max_size=20,
)  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows that are sent of a file."""
    _, parts = checked(path)
    found = []
    for part in parts.all() or []:
        found += [orjson.loads(line) for line in parts.message(part).split(b"\n")[1:]]
    return found


def refused(path: Path, **options: str) -> Unusable:
    """Why the file is not taken."""
    with pytest.raises(Unusable) as caught:
        checked(path, **options)  # type: ignore[arg-type]
    return caught.value


def why(path: Path) -> Unusable | None:
    """Why the file is not taken; None when it is. Anything else that is raised is a bug."""
    try:
        checked(path)
    except Unusable as error:
        return error
    return None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_csv_is_read_whatever_it_is_written_in(tmp_path: Path, encoding: str, names: bool, separator: str) -> None:
    content = text(pages(3), names=names, separator=separator).encode(encoding)
    assert rows_of(saved(tmp_path, content)) == pages(3)


def test_workbooks_and_dbf_give_the_same_rows(tmp_path: Path) -> None:
    assert rows_of(xlsx(tmp_path, pages(3))) == pages(3)
    assert rows_of(dbf(tmp_path, pages(3))) == pages(3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(CELLS, min_size=1, max_size=4), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_any_text_comes_through_a_csv_unchanged(tmp_path: Path, values: list[str], encoding: str) -> None:
    rows = [page(number, P325=value, P4="张三李四王五赵六") for number, value in enumerate(values, 1)]
    read = rows_of(saved(tmp_path, text(rows).encode(encoding)))
    assert [row.get("P325", "") for row in read] == [value.strip(" ") for value in values]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=600))
def test_whatever_bytes_come_are_refused_in_words_or_read(tmp_path: Path, content: bytes) -> None:
    found = why(saved(tmp_path, content))
    assert found is None or (found.code in REASONS and "{" not in found.zh + found.en)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 3000), byte=st.integers(0, 255))
def test_a_broken_byte_anywhere_never_breaks_us(tmp_path: Path, place: int, byte: int) -> None:
    content = bytearray(dbf(tmp_path, [page(1)]).read_bytes())
    content[place % len(content)] = byte
    found = why(saved(tmp_path, bytes(content)))
    assert found is None or found.code in REASONS


def test_what_is_no_table_is_refused_at_once(tmp_path: Path) -> None:
    good = text(pages(2)).encode()
    cases = {
        b"": "empty_file", text([]).encode(): "no_rows", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old_office",
        b"PK\x03\x04nothing": "broken_xlsx", good.decode().encode("utf-16"): "utf16",
        good + b"\x00\x01": "binary", good + b"\xff\xff\xff\n": "bad_encoding", b"a,b\n1,2\n": "no_header",
    }  # fmt: skip
    assert {refused(saved(tmp_path, content)).code: code for content, code in cases.items()} == {
        code: code for code in cases.values()
    }


def test_the_row_of_what_is_wrong_is_told(tmp_path: Path) -> None:
    header, first, second, third = text(pages(3)).splitlines()
    wrong = {
        "broken_quotes": [header, first, '"' + second, third], "cells": [header, first, second + ",x,y", third],
        "wrong_org": [header, first, second.replace("990000000000000000000A", "9" * 22), third],
        "wrong_month": [header, first, second.replace("2026-10-05", "2026-09-30"), third],
    }  # fmt: skip
    for code, lines in wrong.items():
        found = refused(saved(tmp_path, "\r\n".join(lines)))
        assert (found.code, found.line) == (code, 3)
        assert "3" in found.zh
        assert "990000" not in found.zh + found.en  # no value of the file
    short = refused(saved(tmp_path, "\r\n".join([header, first, "x"])))
    assert (short.code, short.line) == ("cells", 3)


def test_a_quote_that_is_never_closed_is_found_in_a_long_file_too(tmp_path: Path) -> None:
    lines = text(pages(3000)).splitlines()
    lines[5] = '"' + lines[5]
    found = refused(saved(tmp_path, "\r\n".join(lines)))
    assert found.code in ("broken_quotes", "long_field")
    assert found.line == 6


def test_a_field_that_is_far_too_long_is_refused(tmp_path: Path) -> None:
    found = refused(saved(tmp_path, text([page(1), page(2, P325="长" * (LONGEST + 1))])))
    assert (found.code, found.line) == ("long_field", 3)


def test_two_encodings_in_one_file_are_told_apart_by_line(tmp_path: Path) -> None:
    rows = [page(number, P325="肺炎支原体感染性疾病") for number in range(1, 4)]
    header, *lines = text(rows).splitlines(keepends=True)
    mixed = header.encode() + lines[0].encode() + lines[1].encode("gb18030") + lines[2].encode()
    found = refused(saved(tmp_path, mixed))
    assert (found.code, found.line) == ("mixed_encodings", 3)
    # 联通 in GB18030 looks like UTF-8: that alone is no mixture
    short = text([page(1, P325="联通"), page(2)]).encode("gb18030")
    assert encoding_of(saved(tmp_path, short)) == "gb18030"


def test_columns_are_held_against_the_standard(tmp_path: Path) -> None:
    header, row = text(pages(1)).splitlines()
    names = header.split(",")

    def with_header(cells: list[str]) -> Path:
        return saved(tmp_path, ",".join(cells) + "\r\n" + row)

    assert refused(with_header([*names[:-1], "P9999"])).code == "unknown_columns"
    assert refused(with_header([*names[:-1], "P900"])).code == "double_columns"
    assert refused(with_header([*names[:-1], "ZLLB"])).code == "tcm_columns"
    without = refused(saved(tmp_path, header.replace("P322,", "", 1) + "\r\n" + row))
    assert without.code == "missing_columns"
    assert "P322" in without.zh
    optional = next(column.name for column in reversed(columns()) if not column.mandatory)
    place = names.index(optional)
    fewer = [",".join(cells[:place] + cells[place + 1 :]) for cells in (names, row.split(","))]
    found, _ = checked(saved(tmp_path, "\r\n".join(fewer)))
    assert found.missing == (optional,)


def test_workbooks_that_do_harm_are_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path, pages(2))
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("xl/vbaProject.bin", b"x")
    assert refused(path).code == "macros"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([column.name for column in columns()])
    book.active.append(["=1+1", *[""] * 345])
    book.save(tmp_path / "formula.xlsx")
    found = refused(tmp_path / "formula.xlsx")
    assert (found.code, found.line) == ("formula", 2)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", b"<si/>" * 25_000_000)
    assert refused(tmp_path / "bomb.xlsx").code == "big_xlsx"


def test_a_dbf_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    content = dbf(tmp_path, pages(3)).read_bytes()
    assert refused(saved(tmp_path, content[:-2000])).code == "broken_dbf"


def test_deleted_records_of_a_dbf_are_left_out_and_keep_their_numbers(tmp_path: Path) -> None:
    content = bytearray(dbf(tmp_path, pages(3)).read_bytes())
    width = (len(content) - 1 - (32 + 32 * len(columns()) + 1)) // 3
    content[32 + 32 * len(columns()) + 1 + width] = ord("*")  # the second one
    _, parts = checked(saved(tmp_path, bytes(content)))
    found = parts.all() or []
    assert [(part.first, part.rows) for part in found] == [(2, 1), (4, 1)]
