"""Conditions, numeric terms and text terms of the rule vocabulary."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standard.vocabulary import CONDITIONS, NUMERIC_TERMS, TEXT_TERMS
from streams.rules.terms import infant_age
from tests.streams.unit.rules import check, fails, frame_of, table_of, violated

EIGHT = "2026-11-20 08:00:00"

#: op → (column, value of the op, texts it holds for, texts it does not)
OPS: dict[str, tuple[str, Any, list[str | None], list[str | None]]] = {
    "in": ("B", ["1", "2"], ["1", "2"], ["3", None, "-", "12"]),
    "not_in": ("B", ["1"], ["2", "11"], ["1", None, "-"]),
    "prefix": ("B", ["01", "J"], ["01", "0199", "J18.9"], ["10", "j", None, "-"]),
    "above": ("N", 14, ["14.0001", "99"], ["14", "-1", None, "x", "-"]),
    "below": ("N", 14, ["13.9999", "-1"], ["14", "15", None, "x", "-"]),
    "at_least": ("N", 14, ["14", "15"], ["13.9999", None, "x"]),
    "at_most": ("N", 14, ["14", "13"], ["14.0001", None, "x"]),
    "age_below": ("D", [14, "T"], ["20121121", "20261120"], ["20121120", "19900307", None, "x"]),
    "age_at_least": ("D", [14, "T"], ["20121120", "19900307"], ["20121121", None, "x"]),
}


@pytest.mark.parametrize("op", OPS)
def test_a_check_applies_where_its_condition_holds(op: str) -> None:
    column, value, holds, holds_not = OPS[op]
    one = check("mandatory", "A", when={column: {op: value}})
    for text in [*holds, *holds_not]:
        assert fails(one, T=EIGHT, **{column: text}) is (text in holds), text


def test_filled_is_a_condition_both_ways_and_the_filler_is_nothing() -> None:
    for column in ("B", "C"):
        filled, empty = (check("mandatory", "A", when={column: {"filled": wanted}}) for wanted in (True, False))
        assert [fails(filled, **{column: value}) for value in ("x", None, "-")] == [True, False, False]
        assert [fails(empty, **{column: value}) for value in ("x", None, "-")] == [False, True, True]


def test_every_operator_of_the_vocabulary_is_tried_here() -> None:
    assert {*OPS, "filled"} == CONDITIONS


@pytest.mark.parametrize("op", ["above", "below", "at_least", "at_most"])
def test_a_text_that_is_no_finite_number_fulfils_no_comparison(op: str) -> None:
    one = check("mandatory", "A", when={"B": {op: 5}})
    assert [fails(one, B=text) for text in ("NaN", "inf", "-inf", "x", None)] == [False] * 5
    assert fails(one, B={"above": "6", "below": "4"}.get(op, "5"))


def test_all_conditions_must_hold() -> None:
    one = check("mandatory", "A", when={"B": {"in": ["1"]}, "N": {"above": 0, "below": 10}})
    rows: list[dict[str, str]] = [
        {"B": "1", "N": "5"},
        {"B": "2", "N": "5"},
        {"B": "1", "N": "10"},
        {"B": "1"},
        {"N": "5"},
    ]
    assert violated(one, *rows) == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("price", "quantity", "amount", "wrong"),
    [
        ("0.07", "3", "0.21", False),  # 0.07 * 3 is 0.21000000000000002 to a float
        ("0.07", "3", "0.22", False),  # exactly 0.01 more
        ("0.07", "3", "0.20", False),
        ("0.07", "3", "0.2201", True),
        ("0.07", "3", "0.1999", True),
        ("1.15", "100", "115.01", False),
        ("1.15", "100", "115.0101", True),
        ("999999.99", "99999", "99998999000.01", False),
        ("33.3333", "3", "100", False),
        ("12.50", "2", "26", True),
        ("-0.07", "3", "-0.22", False),
    ],
)
def test_a_difference_of_just_the_tolerance_is_none(price: str, quantity: str, amount: str, wrong: bool) -> None:
    one = check("arithmetic", "P", "N", "M", left="P", op="eq", right={"product": ["N", "M"]}, tolerance=0.01)
    assert fails(one, N=price, M=quantity, P=amount) is wrong


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 100), st.integers(-1, 1)), min_size=1, max_size=20))
def test_no_amount_within_the_tolerance_is_refused(cases: list[tuple[int, int, int]]) -> None:
    one = check("arithmetic", "P", "N", "M", left="P", op="eq", right={"product": ["N", "M"]}, tolerance=0.01)
    rows, beyond = [], []
    for price, quantity, cent in cases:
        exact = price * quantity + cent
        rows.append({"N": f"{price / 100:.2f}", "M": str(quantity), "P": f"{exact / 100:.2f}"})
        beyond.append({**rows[-1], "P": f"{(price * quantity + 2) / 100:.2f}"})
    assert violated(one, *rows) == [False] * len(rows)
    assert violated(one, *beyond) == [True] * len(rows)


@pytest.mark.parametrize(
    ("op", "left", "right", "wrong"),
    [
        ("eq", "5", "5", False), ("eq", "5", "5.0001", True), ("le", "5", "5", False), ("le", "5.0001", "5", True),
        ("le", "-9", "5", False), ("ge", "5", "5", False), ("ge", "4.9999", "5", True), ("ge", "9", "5", False),
        ("abs_le", "-5", "5", False), ("abs_le", "-5.0001", "5", True), ("abs_le", "4", "-5", False),
        ("eq", None, "5", False), ("eq", "5", None, False), ("eq", "-", "5", False), ("eq", "x", "5", False),
    ],
)  # fmt: skip
def test_arithmetic_compares_as_its_operator_says(op: str, left: str | None, right: str | None, wrong: bool) -> None:
    assert fails(check("arithmetic", "N", "P", left="N", op=op, right="P"), N=left, P=right) is wrong


@pytest.mark.parametrize(("amount", "wrong"), [("110", False), ("90", False), ("110.01", True), ("89.99", True)])
def test_a_relative_tolerance_is_a_part_of_the_right_side(amount: str, wrong: bool) -> None:
    assert fails(check("arithmetic", "N", left="N", op="eq", right="P", relative=0.1), N=amount, P="100") is wrong
    assert (
        fails(check("arithmetic", "N", left="N", op="eq", right="P", relative=0.1), N=f"-{amount}", P="-100") is wrong
    )


def test_of_two_tolerances_the_larger_counts() -> None:
    one = check("arithmetic", "N", left="N", op="eq", right="P", relative=0.1, tolerance=1)
    assert [fails(one, N=amount, P="2") for amount in ("3", "3.01")] == [False, True]
    assert [fails(one, N=amount, P="100") for amount in ("110", "110.5")] == [False, True]


#: term → rows with what it is worth there (None: nothing, so that the check is silent)
NUMERIC: dict[str, tuple[Any, list[tuple[dict[str, str], float | None]]]] = {
    "product": ({"product": ["N", "M", 2]}, [({"N": "3", "M": "4"}, 24), ({"N": "3"}, None)]),
    "sum": ({"sum": ["N", "M", 1]}, [({"N": "3", "M": "-4"}, 0), ({"M": "3"}, None), ({"N": "x", "M": "3"}, None)]),
    "abs": ({"abs": "N"}, [({"N": "-3"}, 3), ({"N": "3"}, 3), ({}, None)]),
    "max": ({"max": ["N", 1]}, [({"N": "3"}, 3), ({"N": "0"}, 1), ({}, None), ({"N": "x"}, None)]),
    "days": (
        {"days": ["T", "U"]},
        [
            ({"T": "2026-11-20 23:59:00", "U": "2026-11-21 00:01:00"}, 1), ({"T": EIGHT, "U": EIGHT}, 0),
            ({"T": EIGHT, "U": "2026-11-19"}, -1), ({"T": "2024-02-28", "U": "2024-03-01"}, 2), ({"T": EIGHT}, None),
        ],
    ),
    "age_years": (
        {"age_years": ["D", "T"]},
        [
            ({"D": "19900307", "T": EIGHT}, 36), ({"D": "19901120", "T": EIGHT}, 36),
            ({"D": "19901121", "T": EIGHT}, 35),
            ({"D": "19901231", "T": "2026-01-01"}, 35), ({"D": "19900131", "T": "2026-12-01"}, 36),
            ({"D": "20240229", "T": "2025-02-28"}, 0), ({"D": "20240229", "T": "2025-03-01"}, 1),
            ({"D": "20261121", "T": EIGHT}, -1), ({"D": "19901301", "T": EIGHT}, None), ({"D": "19900307"}, None),
        ],
    ),
    "sum_filled": (
        {"sum_filled": ["N", "M"]},
        [({"N": "3", "M": "4"}, 7), ({"N": "3"}, 3), ({"N": "3", "M": "-"}, 3), ({}, 0), ({"N": "x", "M": "4"}, None)],
    ),
    "infant_age": (
        {"infant_age": ["D", "T"]},
        [({"D": "20261101", "T": EIGHT}, 19), ({"D": "20261120", "T": EIGHT}, 0), ({"T": EIGHT}, None)],
    ),
    "lookup": (
        {"lookup": "frequency_per_day", "column": "A"},
        [({"A": "01"}, 2), ({"A": "11"}, 0.5), ({"A": "13"}, None), ({"A": "x"}, None), ({}, None), ({"A": "-"}, None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMERIC)
def test_a_numeric_term_is_worth(name: str) -> None:
    term, cases = NUMERIC[name]
    for row, worth in cases:
        expected = {"P": str(worth)} if worth is not None else {"P": "5"}
        other = {"P": str(float(expected["P"]) + 1)}
        one = check("arithmetic", "P", left=term, op="eq", right="P")
        assert not fails(one, **row, **expected), row
        assert fails(one, **row, **other) is (worth is not None), row


def test_every_term_of_the_vocabulary_is_tried_here() -> None:
    assert set(NUMERIC) == NUMERIC_TERMS
    assert set(TEXT) == TEXT_TERMS


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2299, 1, 1))),
        min_size=1,
    )
)
def test_an_age_is_the_number_of_birthdays(pairs: list[tuple[date, date]]) -> None:
    one = check("arithmetic", "P", left={"age_years": ["D", "T"]}, op="eq", right="P")
    rows = []
    for born, at in pairs:
        birthdays = at.year - born.year - ((at.month, at.day) < (born.month, born.day))
        rows.append({"D": f"{born:%Y%m%d}", "T": at.isoformat(), "P": str(birthdays)})
    assert violated(one, *rows) == [False] * len(rows)


def test_a_number_in_a_text_column_is_a_term() -> None:
    one = check("arithmetic", "A", left="A", op="eq", right=5)
    assert [fails(one, A=text) for text in ("5", "5.0", "6", "x", None, "-", "NaN")] == [
        False, False, True, False, False, False, False,
    ]  # fmt: skip


#: term → (the row, the text it is, "" for none)
TEXT: dict[str, tuple[Any, list[tuple[dict[str, str], str]]]] = {
    "text": ({"text": "x"}, [({}, "x")]),
    "substr": ({"substr": ["A", 6, 8]}, [({"A": "990000199003070013"}, "19900307"), ({}, ""), ({"A": "-"}, "")]),
    "date8": ({"date8": "T"}, [({"T": EIGHT}, "20261120"), ({"T": "x"}, ""), ({}, "")]),
    "id_sex": (
        {"id_sex": "A"},
        [
            ({"A": "990000199003070013"}, "1"), ({"A": "990000199003070023"}, "2"), ({"A": "9900001990030700X3"}, ""),
            ({"A": "12345"}, ""), ({}, ""),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXT)
def test_a_text_term_is(name: str) -> None:
    term, cases = TEXT[name]
    one = check("agree", "B", left=term, right="B")
    for row, text in cases:
        assert not fails(one, **row, B=text or "x"), row
        assert fails(one, **row, B="other") is bool(text), row
        assert not fails(one, **row), row


@pytest.mark.parametrize(
    ("born", "at", "months"),
    [("20261101", "2026-11-20", 19 / 30), ("20260120", "2026-11-20", 10.0), ("20260131", "2026-03-01", 1.0)],
)
def test_the_age_of_an_infant_can_be_in_months_and_thirtieths(born: str, at: str, months: float) -> None:
    frame = frame_of([{"D": born, "T": at}], table_of())
    assert frame.select(infant_age("D", "T", "months")).item() == pytest.approx(months)


def test_conditions_hold_all_together_any_of_them_or_none() -> None:
    for name, row, holds in (
        ("any", {"A": "1"}, True), ("any", {"A": "2"}, False), ("any", {"B": "1"}, True),
        ("all", {"A": "1", "B": "1"}, True), ("all", {"A": "1"}, False),
        ("none", {"A": "2"}, True), ("none", {"B": "1"}, False), ("none", {}, True),
    ):  # fmt: skip
        one = check("never", "A", when={name: [{"A": {"in": ["1"]}}, {"B": {"in": ["1"]}}]})
        assert fails(one, **row) is holds, (name, row)


@pytest.mark.parametrize(
    ("condition", "row", "holds"),
    [
        ({"D": {"days_at_most": [28, "T"]}}, {"D": "20261023", "T": EIGHT}, True),
        ({"D": {"days_at_most": [28, "T"]}}, {"D": "20261022", "T": EIGHT}, False),
        ({"D": {"days_at_most": [28, "T"]}}, {"T": EIGHT}, False),
        ({"A": {"matches": "^[0-9]{2}$"}}, {"A": "12"}, True),
        ({"A": {"matches": "^[0-9]{2}$"}}, {"A": "123"}, False),
        ({"A": {"differs": "B"}}, {"A": "1", "B": "2"}, True),
        ({"A": {"differs": "B"}}, {"A": "1", "B": "1"}, False),
        ({"A": {"differs": "B"}}, {"A": "1"}, False),
        ({"LOCAL": {"procedure": ["手术"]}}, {"LOCAL": "47.0100"}, True),
        ({"LOCAL": {"procedure": ["手术"]}}, {"LOCAL": "45.2300"}, False),
    ],
)
def test_a_condition_of_checks_in_flight_holds(condition: dict[str, Any], row: dict[str, str], holds: bool) -> None:
    assert fails(check("never", "A", when=condition), **row) is holds
