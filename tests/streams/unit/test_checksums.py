"""Check characters of whole columns, against the standards read once more in plain Python."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.rules.checksums import right

FEW = settings(max_examples=60, deadline=None)
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_check(first: str) -> str:
    """GB 11643: weights are 2^(18 - i) mod 11; the whole sum with the check character is 1 mod 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first))
    return next(mark for value, mark in enumerate("0123456789X") if (total + value) % 11 == 1)


def org_check(first: str) -> str:
    """GB 11714: 11 minus the weighted sum mod 11, 10 is X, 11 is 0."""
    total = sum(
        (DIGITS + LETTERS).index(mark) * weight for mark, weight in zip(first, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def credit_check(first: str) -> str:
    """GB 32100: 31 minus the sum of values times 3^i mod 31, 31 is 0."""
    total = sum(CREDIT.index(mark) * 3**place for place, mark in enumerate(first))
    return CREDIT[(31 - total % 31) % 31]


def luhn_check(first: str) -> str:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(first))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


id_first = st.from_regex(r"\A[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}\Z")
org_first = st.text(DIGITS + LETTERS, min_size=8, max_size=8)
credit_first = st.from_regex(rf"\A[{CREDIT}]{{2}}[0-9]{{6}}[{CREDIT}]{{9}}\Z")
luhn_first = st.text(DIGITS, min_size=1, max_size=20)

CASES = [
    ("id_card", id_first, id_check, "0123456789X"),
    ("org_code", org_first, org_check, "0123456789X"),
    ("credit_code", credit_first, credit_check, CREDIT),
    ("luhn", luhn_first, luhn_check, DIGITS),
]


@pytest.mark.parametrize(("algorithm", "first", "check", "marks"), CASES, ids=[case[0] for case in CASES])
@FEW
@given(data=st.data())
def test_exactly_one_check_character_is_right(
    algorithm: str, first: st.SearchStrategy[str], check: object, marks: str, data: st.DataObject
) -> None:
    begin = data.draw(first)
    assert callable(check)
    verdicts = right(pl.Series([begin + mark for mark in marks]), algorithm).to_list()
    assert [mark for mark, verdict in zip(marks, verdicts, strict=True) if verdict] == [check(begin)]


@pytest.mark.parametrize("algorithm", ["id_card", "org_code", "credit_code", "luhn"])
@FEW
@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.from_regex(r"\A[0-9A-Z]{9,18}\n?\Z")), max_size=8))
def test_no_text_raises_and_only_nothing_has_no_verdict(algorithm: str, values: list[str | None]) -> None:
    verdicts = right(pl.Series(values, dtype=pl.String), algorithm).to_list()
    assert [verdict is None for verdict in verdicts] == [value is None for value in values]
    shapes = {"id_card": 18, "org_code": 9, "credit_code": 18, "luhn": 2}
    for value, verdict in zip(values, verdicts, strict=True):
        if verdict:
            assert value is not None
            assert len(value) >= shapes[algorithm]
            assert re.match(r"[0-9A-Z]+", value)


def test_numbers_published_with_the_standards_are_right() -> None:
    assert right(pl.Series(["11010519491231002X", "440524188001010014"]), "id_card").to_list() == [True, True]
    assert right(pl.Series(["D2143569X"]), "org_code").to_list() == [True]
    assert right(pl.Series(["91350100M000100Y43"]), "credit_code").to_list() == [True]
    assert right(pl.Series(["79927398713"]), "luhn").to_list() == [True]


def test_of_an_institution_code_the_first_nine_characters_are_checked() -> None:
    codes = ["90000001499000011A1001", "90000001099000011A1001", "900000014", "90000001"]
    assert right(pl.Series(codes), "org_code").to_list() == [True, False, True, False]


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002x", "11010519491331002X", "11010519490031002X", "01010519491231002X", "110105194912310021",
        "1101051949123100", "11010519491231002X ", "11010519491231002X\n", "１１0105194912310021", "", "-",
    ],
)  # fmt: skip
def test_what_has_not_the_shape_of_an_identity_number_is_wrong(number: str) -> None:
    assert right(pl.Series([number]), "id_card").to_list() == [False]


@pytest.mark.parametrize("number", ["18\n", "1 8", "8", "", "1８", "-18"])
def test_what_is_not_digits_alone_has_no_luhn_digit(number: str) -> None:
    assert right(pl.Series([number]), "luhn").to_list() == [False]


def test_letters_that_look_like_digits_are_not_in_a_credit_code() -> None:
    for letter in "IOSVZ":
        assert right(pl.Series([letter + "1350100M000100Y43"]), "credit_code").to_list() == [False]


def test_a_column_of_right_wrong_and_nothing_keeps_its_order() -> None:
    column = pl.Series(["990000199003070013", None, "990000199003070010", "x", "990000199003070013"])
    assert right(column, "id_card").to_list() == [True, None, False, False, True]
    assert right(pl.Series([None], dtype=pl.String), "id_card").to_list() == [None]
