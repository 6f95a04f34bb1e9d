"""From a body to rows: both shapes, nothing in a row changed, errors with their line."""

from __future__ import annotations

import pytest

from api.errors import ApiError
from api.rows import split_rows


def test_lines_become_rows_without_blank_lines_carriage_returns_and_byte_order_mark() -> None:
    assert split_rows(b'\xef\xbb\xbf{"A":"1"}\r\n\r\n  {"A":2}\n') == [b'{"A":"1"}', b'{"A":2}']


def test_numbers_keep_their_text_in_lines_and_in_arrays() -> None:
    row = b'{"A":1.10,"B":12345678901234567890123,"C":1e2}'
    assert split_rows(row) == [row]
    assert split_rows(b"[" + row + b", " + row + b"]") == [row, row]


def test_an_array_over_several_lines_becomes_one_line_a_row() -> None:
    rows = split_rows(b'[\n {"A":\n   1.10,\r\n  "B":"x y"}\n]')
    assert len(rows) == 1
    assert b"\n" not in rows[0]
    assert b"1.10" in rows[0]


def test_gb18030_becomes_utf8_where_it_is_declared() -> None:
    assert split_rows('{"A":"张三"}'.encode("gb18030"), "GB18030") == ['{"A":"张三"}'.encode()]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"A":1}\n{"A":', 2),
        (b'{"A":1}\n\n{"A":NaN}\n', 3),
        (b'{"A":1}\n[1]\n', 2),
        (b'{"A":1}{"A":2}', 1),
        (b'[{"A":1},\n2]', 2),
        (b'[{"A":1},\n{"A":}]', 2),
        (b'{"A":' + b"[" * 5000 + b"]" * 5000 + b"}", 1),
        (b"YLJGDM,SFMXID", 1),
    ],
)
def test_what_is_not_an_object_is_refused_with_its_line(body: bytes, line: int) -> None:
    with pytest.raises(ApiError) as refused:
        split_rows(body)
    assert (refused.value.code, refused.value.more["line"]) == ("bad_rows", line)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ApiError) as refused:
        split_rows('{"XM":"张三"'.encode())
    assert "张三" not in refused.value.message_zh + refused.value.message_en


def test_bad_utf8_is_refused_with_its_line_and_unknown_charsets_are_refused() -> None:
    with pytest.raises(ApiError) as refused:
        split_rows(b'{"A":1}\n{"A":"\xff"}')
    assert (refused.value.code, refused.value.more["line"]) == ("bad_encoding", 2)
    with pytest.raises(ApiError, match="content_type"):
        split_rows(b"{}", "klingon")
