"""What people send in is read as it stands there, and what is no table, or too much, is refused in words."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter

from api.sheets import read_lines, reading, xlsx_in
from api.sheets.refused import UnreadableSheet
from api.sheets.xlsx_in import NotAValue
from tests.api.workbooks import table, workbook


def cells(content: bytes) -> list[tuple[object, ...]]:
    return [line.cells for line in read_lines(content)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_text_of_every_usual_encoding_and_delimiter_is_read(encoding: str, delimiter: str) -> None:
    content = table(delimiter.join(("机构代码", "名称")), delimiter.join(("00123", "第一医院𠮷")), encoding=encoding)
    assert cells(content) == [("机构代码", "名称"), ("00123", "第一医院𠮷")]


def test_lines_keep_the_numbers_that_an_editor_shows() -> None:
    content = table("a,b", "", '"x', 'y",1', ",,", "z,2", separator="\n")
    assert [(line.number, line.cells) for line in read_lines(content)] == [
        (1, ("a", "b")), (3, ("x\ny", "1")), (6, ("z", "2")),
    ]  # fmt: skip


def test_spaces_of_every_width_and_marks_around_a_value_are_not_part_of_it() -> None:
    assert cells(table("\u3000甲\u00a0,\u200b乙\ufeff, ")) == [("甲", "乙")]


def test_a_workbook_gives_values_with_their_types_under_a_merged_title() -> None:
    content = workbook([("代码", "数", "日"), ("001", 5, datetime(2026, 11, 21))], title="某市上传计划")  # noqa: DTZ001
    lines = list(read_lines(content))
    assert [line.number for line in lines] == [1, 3, 4]
    assert lines[2].cells == ("001", 5, datetime(2026, 11, 21))  # noqa: DTZ001


def test_a_formula_and_an_error_are_told_apart_from_values() -> None:
    assert cells(workbook([("=A1+1", "=cmd|' /C calc'!A0", "#N/A", "x")])) == [
        (NotAValue.FORMULA, NotAValue.FORMULA, NotAValue.ERROR, "x")
    ]


def test_a_hidden_first_worksheet_is_passed_over() -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["hidden"])
    first.sheet_state = "hidden"
    book.create_sheet("shown").append(["shown"])
    out = io.BytesIO()
    book.save(out)
    assert cells(out.getvalue()) == [("shown",)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_office"),
        (b"PK\x03\x04 no zip at all", "broken_xlsx"),
        (workbook([("a",)])[:-200], "broken_xlsx"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_text"),
        (b"a,b\n\0\0\0", "not_text"),
        (b'a,b\n"x,1\n', "broken_csv"),
        (b"[1, 2]", "not_text"),
        (b"[{", "not_text"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableSheet) as refused:
        list(read_lines(content))
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("hello.txt", "hello")
    with pytest.raises(UnreadableSheet, match="broken_xlsx"):
        list(read_lines(out.getvalue()))


def replaced(content: bytes, part: str, text: bytes) -> bytes:
    """The workbook with another part ``part``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, text if entry.filename == part else old.read(entry))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = replaced(workbook([("a",)]), SHEET, b" " * (xlsx_in.MOST_UNPACKED + 1))
    assert len(bomb) < 200_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("unpacked"))
    with pytest.raises(UnreadableSheet, match="too_big"):
        list(read_lines(bomb))


def test_a_part_that_says_less_than_it_unpacks_to_is_refused() -> None:
    bomb = bytearray(replaced(workbook([("a",)]), SHEET, b"<worksheet " + NAMESPACE + b">" + b" " * 1_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as parts:
        size = parts.getinfo(SHEET).file_size.to_bytes(4, "little")
    lying = bytes(bomb).replace(size, (500).to_bytes(4, "little"))
    with pytest.raises(UnreadableSheet, match="broken_xlsx"):
        list(read_lines(lying))


def test_a_workbook_of_entities_that_explode_is_refused() -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    evil = b'<!DOCTYPE w [<!ENTITY e0 "lollollollol">' + entities + b"]><worksheet " + NAMESPACE
    evil += b"><sheetData><row><c t='inlineStr'><is><t>&e9;</t></is></c></row></sheetData></worksheet>"
    with pytest.raises(UnreadableSheet, match="broken_xlsx"):
        list(read_lines(replaced(workbook([("a",)]), SHEET, evil)))


def test_a_million_formatted_but_empty_rows_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    page, bold = book.add_worksheet(), book.add_format({"bold": True})
    page.write_row(0, 0, ("代码", "名称"))
    page.write_row(1, 0, ("001", "甲"))
    for row in range(2, 1_000_000):
        page.write_blank(row, 0, None, bold)
    book.close()
    looked_at = 0
    true_value = xlsx_in._value

    def counted(cell: object) -> object:
        nonlocal looked_at
        looked_at += 1
        return true_value(cell)

    monkeypatch.setattr(xlsx_in, "_value", counted)
    assert cells(out.getvalue()) == [("代码", "名称"), ("001", "甲")]
    assert looked_at < 2 * reading.MOST_EMPTY


def test_what_a_file_says_of_its_size_is_not_believed() -> None:
    sheet = b"<worksheet " + NAMESPACE + b'><dimension ref="A1:XFD1048576"/><sheetData>'
    sheet += b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="XFD1"><v>9</v></c></row>'
    sheet += b"</sheetData></worksheet>"
    assert cells(replaced(workbook([("x",)]), SHEET, sheet)) == [("a",)]


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert len(cells(table("a", "b", "c"))) == 3
    with pytest.raises(UnreadableSheet, match="too_many_lines"):
        cells(table("a", "b", "c", "d"))


def test_a_json_array_of_objects_is_a_table_too() -> None:
    assert cells(b' [{"org": "1", "level": 3}, {"org": "2", "name": "x"}]') == [
        ("org", "level", "name"), ("1", 3), ("2", None, "x"),
    ]  # fmt: skip
