"""What we write opens in Excel and WPS as it is meant: types, totals, and no text is run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.sheets import Sheet, SheetColumn, csv_stream, download, read_lines, xlsx_file, xlsx_out
from sanjian.errors import NotNow

COLUMNS = (
    SheetColumn("org", "机构代码", "institution", "text", 25),
    SheetColumn("rows", "行数", "rows", "int"),
    SheetColumn("bad", "异常", "anomalies", "int"),
    SheetColumn("rate", "异常率", "rate", "percent", ratio=("bad", "rows")),
    SheetColumn("amount", "金额", "amount", "money"),
    SheetColumn("median", "中位数", "median", "number", summed=False),
    SheetColumn("day", "日期", "day", "date"),
    SheetColumn("at", "时间", "at", "time"),
)
NIGHT = datetime(2026, 11, 20, 17, 30, 5, 999_000, tzinfo=UTC)  # already the 21st in Shanghai
ROWS = (
    ("0012345678901234567890", 1000, 50, 0.05, Decimal("0.10"), 1.5, date(2026, 11, 20), NIGHT),
    ("=HYPERLINK(1)", 3000, 30, 0.01, Decimal("0.20"), float("nan"), None, None),
)


def sheet(totals: bool = True) -> Sheet:
    return Sheet("检查报告", COLUMNS, iter(ROWS), totals)


def opened(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def test_a_workbook_holds_values_with_their_types_and_formats(tmp_path: Path) -> None:
    xlsx_file([sheet()], "zh", tmp_path / "a.xlsx")
    book = opened(tmp_path / "a.xlsx")
    assert book.sheetnames == ["检查报告"]
    page = book["检查报告"]
    header, first, second, totals = ([cell.value for cell in row] for row in page.iter_rows())
    assert header == ["机构代码", "行数", "异常", "异常率", "金额", "中位数", "日期", "时间"]
    assert first == [
        "0012345678901234567890", 1000, 50, 0.05, 0.1, 1.5,
        datetime(2026, 11, 20), datetime(2026, 11, 21, 1, 30, 5),  # noqa: DTZ001
    ]  # fmt: skip
    assert second == ["=HYPERLINK(1)", 3000, 30, 0.01, 0.2, None, None, None]
    assert totals == ["合计", 4000, 80, pytest.approx(0.02), pytest.approx(0.3), None, None, None]
    assert [cell.number_format for cell in page[2]] == [
        "@", "#,##0", "#,##0", "0.00%", "#,##0.00", "#,##0.####", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss",
    ]  # fmt: skip
    assert page["A3"].data_type == "s"  # not a formula


def test_the_header_is_bold_and_frozen_and_the_filter_leaves_the_totals_out(tmp_path: Path) -> None:
    xlsx_file([sheet()], "zh", tmp_path / "a.xlsx")
    page = opened(tmp_path / "a.xlsx").active
    assert page["A1"].font.bold
    assert page["A4"].font.bold
    assert not page["A2"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:H3"
    assert page.column_dimensions["A"].width == pytest.approx(25, abs=1)


def test_a_sheet_without_rows_is_a_header(tmp_path: Path) -> None:
    xlsx_file([Sheet("空", COLUMNS, [], totals=True)], "en", tmp_path / "a.xlsx")
    rows = [[cell.value for cell in row] for row in opened(tmp_path / "a.xlsx").active.iter_rows()]
    assert rows[0] == ["institution", "rows", "anomalies", "rate", "amount", "median", "day", "at"]
    assert rows[1] == ["Total", 0, 0, None, 0, None, None, None]  # nothing over nothing is no rate


def test_titles_are_made_fit_for_worksheets_and_stay_apart(tmp_path: Path) -> None:
    columns = COLUMNS[:1]
    long = "一" * 40
    sheets = [Sheet(title, columns, [("x",)]) for title in ("a/b:c", "A/B:C", long, long, "", "'")]
    xlsx_file(sheets, "zh", tmp_path / "a.xlsx")
    names = opened(tmp_path / "a.xlsx").sheetnames
    assert names[:2] == ["a b c", "A B C (2)"]
    assert names[2] == "一" * 31
    assert len({name.lower() for name in names}) == 6
    assert max(map(len, names)) == 31


def test_more_rows_than_a_worksheet_takes_go_on_in_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_out, "MOST_ROWS", 3)
    columns = (SheetColumn("n", "序号", "n", "text"), SheetColumn("v", "值", "v", "int"))
    xlsx_file([Sheet("长", columns, ((str(n), n) for n in range(7)), totals=True)], "zh", tmp_path / "a.xlsx")
    book = opened(tmp_path / "a.xlsx")
    found = [[cell.value for cell in row] for page in book for row in page.iter_rows(min_row=2)]
    assert found == [[str(n), n] for n in range(7)] + [["合计", 21]]
    assert [page.max_row for page in book] == [4, 4, 3]


def test_long_numbers_and_long_texts_stay_readable(tmp_path: Path) -> None:
    columns = (SheetColumn("n", "数", "n", "int"), SheetColumn("t", "文", "t", "text"))
    xlsx_file([Sheet("x", columns, [(1234567890123456789, "长" * 40_000)])], "zh", tmp_path / "a.xlsx")
    page = opened(tmp_path / "a.xlsx").active
    assert page["A2"].value == "1234567890123456789"
    assert len(page["B2"].value) == 32_767


def test_csv_begins_with_a_byte_order_mark_and_guards_texts_that_could_be_run() -> None:
    columns = (SheetColumn("t", "文", "t", "text"), SheetColumn("v", "值", "v", "int"))
    risky = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "平安"]
    content = b"".join(csv_stream(Sheet("x", columns, [(text, -5) for text in risky]), "zh"))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["文", "值"]
    assert [row[0] for row in rows[1:]] == [*("'" + text for text in risky[:-1]), "平安"]
    assert {row[1] for row in rows[1:]} == {"-5"}  # a number is none
    assert [line.cells[0] for line in read_lines(content)][1:5] == risky[:4]  # and comes back as it was


def test_csv_holds_plain_figures_and_shanghai_time() -> None:
    content = b"".join(csv_stream(sheet(), "en")).decode("utf-8-sig")
    assert content.splitlines() == [
        "institution,rows,anomalies,rate,amount,median,day,at",
        "0012345678901234567890,1000,50,5.00%,0.10,1.5,2026-11-20,2026-11-21 01:30:05",
        "'=HYPERLINK(1),3000,30,1.00%,0.20,,,",
        "Total,4000,80,2.00%,0.30,,,",
    ]


def test_a_time_without_zone_is_a_bug() -> None:
    columns = (SheetColumn("at", "时间", "at", "time"),)
    with pytest.raises(ValueError, match="without zone"):
        list(csv_stream(Sheet("x", columns, [(datetime(2026, 1, 1),)]), "zh"))  # noqa: DTZ001


def test_csv_comes_in_pieces_while_the_rows_are_still_read() -> None:
    taken = 0

    def rows() -> Iterator[tuple[str]]:
        nonlocal taken
        for taken in range(1, 100_001):  # noqa: B007
            yield ("某某医院某某科室",)

    stream = csv_stream(Sheet("x", COLUMNS[:1], rows()), "zh")
    next(stream)
    assert taken < 10_000
    assert sum(1 for _ in stream) > 10
    assert taken == 100_000


@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_a_download_has_a_chinese_name_and_an_ascii_one(format: Any) -> None:
    answer = await download([sheet()], format, "上传日历-2026-11", "zh")
    disposition = answer.headers["content-disposition"]
    assert f'filename="sanjian-2026-11.{format}"' in disposition
    assert f"filename*=UTF-8''%E4%B8%8A%E4%BC%A0%E6%97%A5%E5%8E%86-2026-11.{format}" in disposition
    content = b"".join([bytes(piece) async for piece in answer.body_iterator])  # type: ignore[arg-type]
    assert len(list(read_lines(content))) == 4
    assert (format == "xlsx") == zipfile.is_zipfile(io.BytesIO(content))


async def test_a_name_without_ascii_letters_gets_one() -> None:
    answer = await download([sheet()], "csv", '机构"\\', "zh")
    assert 'filename="sanjian.csv"' in answer.headers["content-disposition"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_a_failure_before_the_first_piece_is_raised_and_not_half_a_file(format: Any) -> None:
    def rows() -> Iterator[tuple[str]]:
        raise NotNow("away")
        yield ("",)

    with pytest.raises(NotNow):
        await download([Sheet("x", COLUMNS[:1], rows())], format, "x", "zh")
