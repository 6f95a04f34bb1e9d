"""Each kind of check of the vocabulary, and its edges."""

from __future__ import annotations

from typing import Any

import pytest

from standard.vocabulary import KINDS
from streams.decode import MESSAGE
from streams.rules.checks import BY_COLUMN, ORG, WHOLE
from streams.rules.compiled import compile_table, evaluate
from tests.streams.unit.build import ORG as SENDER
from tests.streams.unit.build import OTHER_ORG, standard
from tests.streams.unit.rules import check, fails, found, frame_of, rule_of, table_of, violated

EIGHT = "2026-11-20 08:00:00"


def test_every_kind_of_the_vocabulary_is_evaluated() -> None:
    flight = {name for name, kind in KINDS.items() if kind.scope == "flight"}
    assert set(BY_COLUMN) | set(WHOLE) == flight
    assert not set(BY_COLUMN) & set(WHOLE)


def test_mandatory_takes_the_filler_only_where_it_is_agreed() -> None:
    assert [fails(check("mandatory", "A"), A=value) for value in ("x", None, "-")] == [False, True, True]
    assert [fails(check("mandatory", "C"), C=value) for value in ("x", None, "-")] == [False, True, False]


def test_empty_means_that_nothing_may_stand_there() -> None:
    assert [fails(check("empty", "A"), A=value) for value in (None, "-", "x")] == [False, False, True]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [({}, False), ({"A": "x"}, True), ({"A": "x", "B": "y"}, False), ({"A": "x", "B": "-"}, True), ({"A": "-"}, False)],
)
def test_together_all_or_none(row: dict[str, str], wrong: bool) -> None:
    assert fails(check("together", "A", "B"), **row) is wrong


def test_together_counts_the_agreed_filler() -> None:
    assert not fails(check("together", "A", "C"), A="x", C="-")


def test_any_filled_needs_one_that_is_not_the_filler() -> None:
    one_of = check("any_filled", "A", "C")
    assert [fails(one_of, **row) for row in ({}, {"C": "-"}, {"A": "-"}, {"A": "x"}, {"C": "y"})] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_width_counts_characters_not_bytes() -> None:
    values = ("一二三四五", "一二三四五六", "12345", "123456", None)
    assert [value for value in values if fails(check("width", "A", max=5), A=value)] == ["一二三四五六", "123456"]


def test_width_may_have_a_least() -> None:
    exact = check("width", "A", min=3, max=3)
    assert [fails(exact, A=value) for value in ("12", "123", "1234", None, "-")] == [True, False, True, False, False]


def test_width_of_a_number_is_its_digits_before_the_point() -> None:
    six = check("width", "N", max=6)
    values = ("999999.9999", "1000000", "-1000000", "-999999.99", None, "x", "-")
    assert [fails(six, N=value) for value in values] == [False, True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [("N", "12.5", "12元"), ("T", EIGHT, "tomorrow"), ("D", "19900307", "19900231"), ("D", "20240229", "1990-03-07")],
)
def test_type_means_that_the_text_can_be_read(column: str, good: str, bad: str) -> None:
    one = check("type", column)
    assert [fails(one, **{column: value}) for value in (good, bad, None, "-")] == [False, True, False, False]


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"min": 0}, ["-0.01"]), ({"max": 10}, ["10.01", "99"]), ({"above": 0}, ["-0.01", "0"]),
        ({"below": 10}, ["10", "10.01", "99"]), ({"nonzero": True}, ["0"]),
        ({"min": 0, "max": 10}, ["-0.01", "10.01", "99"]),
        ({"min": -1, "max": 10, "nonzero": True}, ["0", "10.01", "99"]),
    ],
)  # fmt: skip
def test_range_is_closed_or_open_as_it_says(params: dict[str, Any], wrong: list[str]) -> None:
    values = ["-0.01", "0", "0.01", "10", "10.01", "99"]
    assert [value for value in values if fails(check("range", "N", **params), N=value)] == wrong
    assert not any(fails(check("range", "N", **params), N=value) for value in (None, "-", "x"))


def test_range_of_a_text_column_reads_its_number() -> None:
    assert [fails(check("range", "A", max=150), A=v) for v in ("36", "151", "x", None, "-", "NaN", "inf")] == [
        False, True, False, False, False, False, False,
    ]  # fmt: skip


def test_pattern_takes_a_format_several_formats_or_an_expression() -> None:
    values = ("100000", "1000", "100000\n", "-", None)
    for one in (check("pattern", "A", format="Postcode"), check("pattern", "A", regex="^[0-9]{6}$")):
        assert [fails(one, A=value) for value in values] == [False, True, True, False, False]
    either = check("pattern", "A", format=["Postcode", "Mobile number"])
    assert [fails(either, A=value) for value in ("100000", "13800000000", "1")] == [False, False, True]


def test_code_is_in_a_set_in_a_list_or_not_in_a_list() -> None:
    values = ("1", "2", "7", None, "-")
    assert [fails(check("code", "A", code_set="refund_flag"), A=v) for v in values] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert [fails(check("code", "A", values=["1"]), A=v) for v in values] == [False, True, True, False, False]
    assert [fails(check("code", "A", not_values=["2"]), A=v) for v in values] == [False, True, False, False, False]
    both = check("code", "A", code_set="refund_flag", not_values=["2"])
    assert [fails(both, A=v) for v in values] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("algorithm", "good", "bad"),
    [
        ("id_card", "990000199003070013", "990000199003070010"), ("org_code", SENDER, "90000001099000011A1001"),
        ("credit_code", "91350100M000100Y43", "91350100M000100Y44"), ("luhn", "79927398713", "79927398713\n"),
    ],
)  # fmt: skip
def test_checksum_knows_its_algorithms(algorithm: str, good: str, bad: str) -> None:
    one = check("checksum", "A", algorithm=algorithm)
    assert [fails(one, A=value) for value in (good, bad, None, "-")] == [False, True, False, False]


def test_placeholder_is_a_listed_value_or_one_character_repeated() -> None:
    one = check("placeholder", "A", values=["无", "12345678"])
    values = ("无", "12345678", "0000", "1111111", "１１１", "0", "1121", "10", None, "-")
    assert [value for value in values if fails(one, A=value)] == ["无", "12345678", "0000", "1111111", "１１１"]


@pytest.mark.parametrize(
    ("params", "second", "wrong"),
    [
        ({}, "2026-11-20 07:59:59.999", True), ({}, EIGHT, False), ({}, "2026-11-20 08:00:00.001", False),
        ({"tolerance_minutes": 5}, "2026-11-20 07:55:00", False),
        ({"tolerance_minutes": 5}, "2026-11-20 07:54:59.999", True),
        ({"max_hours": 24}, "2026-11-21 08:00:00", False), ({"max_hours": 24}, "2026-11-21 08:00:00.001", True),
        ({}, "20261120", True), ({}, "20261121", False), ({}, None, False), ({}, "-", False), ({}, "soon", False),
    ],
)  # fmt: skip
def test_date_order_has_a_tolerance_and_a_longest_time(params: dict[str, Any], second: str | None, wrong: bool) -> None:
    assert fails(check("date_order", "T", "U", **params), T=EIGHT, U=second) is wrong


def test_date_order_compares_dates_and_times() -> None:
    assert fails(check("date_order", "D", "T"), D="20261121", T=EIGHT)
    assert not fails(check("date_order", "D", "T"), D="20261120", T=EIGHT)


@pytest.mark.parametrize(
    ("time", "wrong"),
    [
        ("2026-11-21 08:05:00", False), ("2026-11-21 08:05:00.001", True), ("2026-11-21 07:00:00", False),
        ("2026-11-21T00:05:00Z", False), ("2026-11-21T00:06:00Z", True), ("20261122", True), (None, False),
        ("-", False),
    ],
)  # fmt: skip
def test_the_future_begins_five_minutes_after_the_arrival(time: str | None, wrong: bool) -> None:
    assert fails(check("not_future", "T"), T=time) is wrong


def test_the_tolerance_of_the_future_is_a_parameter() -> None:
    assert fails(check("not_future", "T", tolerance_minutes=0), T="2026-11-21 08:00:00.001")
    assert not fails(check("not_future", "T", tolerance_minutes=60), T="2026-11-21 09:00:00")


@pytest.mark.parametrize(
    ("birth", "wrong"),
    [("19761120", False), ("19761119", True), ("20261120", False), (None, False), ("-", False), ("19760231", False)],
)
def test_not_before_counts_whole_years(birth: str | None, wrong: bool) -> None:
    assert fails(check("not_before", "D", "U", years=50), D=birth, U="2026-11-20 00:00:00") is wrong
    assert not fails(check("not_before", "D", "U", years=50), D=birth)


def test_late_is_more_than_the_hours() -> None:
    one = check("late", "T", "U", hours=72)
    uploads = ("2026-11-23 08:00:00", "2026-11-23 08:00:01", "2026-11-19 08:00:00", None)
    assert [fails(one, T=EIGHT, U=upload) for upload in uploads] == [False, True, False, False]


@pytest.mark.parametrize(
    ("flag", "amount", "wrong"),
    [
        ("1", "0", False), ("1", "5", False), ("1", "-0.01", True), ("2", "-5", False), ("2", "0", True),
        ("2", "5", True), ("3", "-5", False), (None, "-5", False), ("-", "5", False), ("1", None, False),
        ("2", "x", False),
    ],
)  # fmt: skip
def test_the_sign_follows_the_flag(flag: str | None, amount: str | None, wrong: bool) -> None:
    assert fails(check("sign", "N", flag="A", non_negative=["1"], negative=["2"]), A=flag, N=amount) is wrong


def test_a_refund_of_nothing_may_be_allowed() -> None:
    one = check("sign", "N", flag="A", negative=["2"], zero_ok=True)
    assert [fails(one, A="2", N=amount) for amount in ("-1", "0", "0.01")] == [False, False, True]


def test_unique_keeps_the_first_row() -> None:
    one = check("unique", "A", "B")
    rows = [
        {"A": "x", "B": "1"},
        {"A": "x", "B": "2"},
        {"A": "x", "B": "1"},
        {"A": "y", "B": "1"},
        {"A": "x", "B": "1"},
    ]
    assert violated(one, *rows) == [False, False, True, False, True]


def test_unique_looks_at_one_message_at_a_time() -> None:
    rows: list[dict[str, Any]] = [{"A": "x", MESSAGE: 0}, {"A": "x", MESSAGE: 1}, {"A": "x", MESSAGE: 1}]
    assert violated(check("unique", "A"), *rows) == [False, False, True]


def test_unique_is_silent_where_a_part_is_missing() -> None:
    rows = [{"A": "x"}, {"A": "x"}, {"A": "x", "B": "-"}, {"A": "x", "B": "-"}, {"B": "1"}, {"B": "1"}]
    assert violated(check("unique", "A", "B"), *rows) == [False] * 6


def test_unique_counts_only_rows_that_the_condition_holds_for() -> None:
    one = check("unique", "A", when={"B": {"in": ["1"]}})
    rows = [{"A": "x", "B": "2"}, {"A": "x", "B": "1"}, {"A": "x", "B": "2"}, {"A": "x", "B": "1"}]
    assert violated(one, *rows) == [False, False, False, True]


def test_sender_compares_with_who_sent_the_message() -> None:
    one = check("sender", "YLJGDM")
    rows = [{"YLJGDM": SENDER}, {"YLJGDM": OTHER_ORG}, {"YLJGDM": OTHER_ORG, ORG: OTHER_ORG}, {}]
    assert violated(one, *rows) == [False, True, False, False]


def test_mapping_wants_a_standard_code_for_what_is_filled() -> None:
    assert [fails(check("mapping", "FEE", maps=["fee"]), FEE=value) for value in ("0101", "local", None, "-")] == [
        False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dictionary", "code", "name"),
    [("icd10", "A01.000", "伤寒"), ("tcm", "A01.01.01", "感冒"), ("departments", "03", "内科"), ("gender", "1", "男")],
)
def test_reference_knows_the_name_of_a_code(dictionary: str, code: str, name: str) -> None:
    one = check("reference", "A", "B", dictionary=dictionary)
    rows: list[dict[str, str]] = [
        {"A": code, "B": name},
        {"A": code, "B": "别的"},
        {"A": code},
        {"A": code, "B": "-"},
        {"A": "??", "B": "别的"},
    ]
    assert violated(one, *rows) == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("diagnosis", "sex", "wrong"),
    [
        ("C51.000", "1", True), ("C51.000", "2", False), ("C58.900", "1", True), ("C59.000", "1", False),
        ("N40.x00", "2", True), ("N40.x00", "1", False), ("N51.900", "2", True), ("O80.000", "1", True),
        ("C51.000", "9", False), ("C51.000", "0", False), ("C51.000", None, False), (None, "1", False),
        ("-", "1", False), ("J18.900", "1", False), ("B37.301", "1", True), ("B37.400", "1", False), ("C", "1", False),
    ],
)  # fmt: skip
def test_a_diagnosis_may_belong_to_one_sex(diagnosis: str | None, sex: str | None, wrong: bool) -> None:
    assert fails(check("sex", "A", "B"), A=diagnosis, B=sex) is wrong


@pytest.mark.parametrize(
    ("diagnosis", "birth", "wrong"),
    [
        ("P07.100", "20261101", False), ("P07.100", "20261023", False), ("P07.100", "20261022", True),  # 28 and 29 days
        ("O80.000", "20161120", False), ("O80.000", "20161122", True), ("O80.000", "19500101", True),
        ("N40.x00", "20201120", True), ("N40.x00", "19501120", False), ("H25.900", "19900101", True),
        ("H25.900", "19601120", False), ("J18.900", "19000101", False), ("P07.100", None, False),
        ("P07.100", "x", False),
    ],
)  # fmt: skip
def test_a_diagnosis_may_belong_to_an_age(diagnosis: str, birth: str | None, wrong: bool) -> None:
    assert fails(check("age", "A", "D", "T"), A=diagnosis, D=birth, T="2026-11-20 23:00:00") is wrong


def test_a_row_has_one_finding_a_rule_that_of_the_first_failing_check() -> None:
    rule = rule_of(check("mandatory", "A"), check("mandatory", "B"), check("width", "A", max=1))
    compiled, result = found(rule, [{}, {"A": "xx"}, {"A": "x", "B": "y"}, {"A": "xx", "B": "y"}])
    named = [(place, compiled.checks[one].column, compiled.checks[one].kind) for place, one in result.findings.rows()]
    assert sorted(named) == [(0, "A", "mandatory"), (1, "B", "mandatory"), (3, "A", "width")]


def test_an_error_of_a_rule_comes_before_its_warning() -> None:
    rule = rule_of(check("width", "A", max=1, severity="warning"), check("code", "A", values=["x"], severity="error"))
    table = table_of(rule)
    compiled = compile_table(table, standard())
    result = evaluate(frame_of([{"A": "yy"}, {"A": "y"}], table), compiled.checks)
    assert [compiled.checks[one].severity for one in result.findings["check"]] == ["error", "error"]


def test_two_rules_are_two_findings() -> None:
    rules = rule_of(check("mandatory", "A"), ident="T01"), rule_of(check("mandatory", "B"), ident="T02")
    table = table_of(*rules)
    compiled = compile_table(table, standard())
    result = evaluate(frame_of([{}], table), compiled.checks)
    assert [compiled.checks[one].rule.id for one in result.findings["check"]] == ["T01", "T02"]


def test_a_deletion_has_to_name_its_sender_and_its_key() -> None:
    rules = [
        rule_of(check("sender", "YLJGDM"), check("mandatory", "YLJGDM"), ident="T01"),
        rule_of(check("mandatory", "ID"), check("unique", "YLJGDM", "ID"), ident="T02"),
        rule_of(check("mandatory", "A"), check("width", "A", max=1), ident="T03"),
    ]
    kept = compile_table(table_of(*rules), standard()).delete_checks
    assert {(one.kind, one.column) for one in kept} == {
        ("sender", "YLJGDM"),
        ("mandatory", "YLJGDM"),
        ("mandatory", "ID"),
    }


def test_no_check_of_the_standard_has_an_unknown_verdict() -> None:
    """Whatever is missing: a check says yes or no."""
    for table in standard().tables.values():
        compiled = compile_table(table, standard())
        nothing = frame_of([{}, dict.fromkeys(table.by_name, "-"), dict.fromkeys(table.by_name, "x")], table)
        verdicts = nothing.select(one.violated.alias(str(number)) for number, one in enumerate(compiled.checks))
        assert sum(verdicts.null_count().row(0)) == 0


def test_only_mandatory_together_and_any_filled_complain_about_nothing() -> None:
    for table in standard().tables.values():
        nothing = frame_of([{}], table)
        checks = compile_table(table, standard()).checks
        verdicts = nothing.select(one.violated.alias(str(number)) for number, one in enumerate(checks)).row(0)
        wrong = {one.kind for one, verdict in zip(checks, verdicts, strict=True) if verdict}
        assert wrong <= {"mandatory", "together", "any_filled"}, table.name
