"""What a fault says it breaks is compared with what the standard says; no rule is evaluated here."""

from __future__ import annotations

from random import Random

import pytest

from simulators.faults import (
    DUTIES,
    KINDS,
    LATE_RULES,
    ORPHAN_RULES,
    ROW_FAULTS,
    RowFault,
    in_future,
    plant,
    ten_more,
    wrong_check,
)
from simulators.messages import Row
from simulators.numbers import id_check
from standard.load import load
from standard.model import Check

#: Columns that are standard codes already, so an incomplete map leaves nothing unmapped.
STANDARD_ALREADY = {("TB_MZ_YPCFMX", "SYPBM"), ("TB_ZY_YPYZMX", "SMXBM")}


def label(fault: RowFault) -> str:
    return f"{fault.kind}-{fault.table}-{fault.findings[0][0]}"


def checks_of(table: str, rule_id: str) -> tuple[Check, ...]:
    return next(rule.checks for rule in load().tables[table].rules if rule.id == rule_id)


@pytest.mark.parametrize("fault", ROW_FAULTS, ids=label)
def test_a_fault_names_rules_that_the_standard_evaluates_in_flight(fault: RowFault) -> None:
    assert fault.kind in KINDS
    for rule_id, severity in fault.findings:
        flight = [check for check in checks_of(fault.table, rule_id) if check.scope == "flight"]
        assert severity in {check.severity for check in flight}


@pytest.mark.parametrize("fault", [fault for fault in ROW_FAULTS if not fault.duplicate], ids=label)
def test_a_fault_changes_one_column_that_its_rule_looks_at(fault: RowFault, rows: dict[str, list[Row]]) -> None:
    changed = 0
    for row in filter(fault.applies, rows[fault.table]):
        after = dict(row)
        fault.change(after)
        columns = {column for column in {*row, *after} if row.get(column) != after.get(column)}
        assert len(columns) == 1
        checks = [check for rule_id, _ in fault.findings for check in checks_of(fault.table, rule_id)]
        assert columns <= {column for check in checks for column in check.columns}
        changed += 1
    assert changed


def test_an_unmapped_code_is_still_unknown_to_every_map_and_catalogue(rows: dict[str, list[Row]]) -> None:
    standard = load()
    for fault in ROW_FAULTS:
        for kind, column in fault.unmapped:
            row = dict(next(row for row in rows[fault.table] if fault.applies(row)))
            fault.change(row)
            assert standard.tables[fault.table].by_name[column].maps[0] == kind
            assert row[column].endswith("-X")
            assert len(row[column]) <= (standard.tables[fault.table].by_name[column].width or 99)


def test_every_mapping_duty_of_the_standard_is_known() -> None:
    written = {(table, duty.column, duty.rule, duty.maps) for table, duties in DUTIES.items() for duty in duties}
    demanded = {
        (table.name, column, rule.id, tuple(check.params["maps"]))
        for table in load().tables.values()
        for rule in table.rules
        for check in rule.flight
        if check.kind == "mapping"
        for column in check.columns
        if (table.name, column) not in STANDARD_ALREADY
    }
    assert written == demanded


@pytest.mark.parametrize("table", LATE_RULES)
def test_late_uploads_and_orphans_have_their_rules(table: str) -> None:
    late = [check for check in checks_of(table, LATE_RULES[table]) if check.kind == "late"]
    assert {(check.severity, check.params["hours"]) for check in late} == {("warning", 72)}
    assert any(
        check.kind == "parent" and check.params["table"] == "TB_HZXX" for check in checks_of(table, ORPHAN_RULES[table])
    )


def test_every_table_but_the_patients_can_be_late() -> None:
    assert {*LATE_RULES, "TB_HZXX"} == set(load().daily)


def test_a_wrong_check_character_is_wrong_and_nothing_else() -> None:
    for number in range(200):
        row = {"ZJHM": f"99010219900307{number:03d}"}
        row["ZJHM"] += id_check(row["ZJHM"])
        right = row["ZJHM"]
        wrong_check("ZJHM")(row)
        assert row["ZJHM"][:17] == right[:17]
        assert row["ZJHM"][17] != right[17]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-11-21 01:02:03", "2099-11-21 01:02:03"),
        ("20280229010203", "20990228010203"),
        ("2028-02-29T01:02:03", "2099-02-28T01:02:03"),
    ],
)
def test_the_future_is_written_like_the_present(before: str, after: str) -> None:
    row = {"TBRQ": before}
    in_future("TBRQ")(row)
    assert row["TBRQ"] == after


def test_an_amount_grows_by_ten() -> None:
    row = {"MXXMYSJE": "0.05"}
    ten_more("MXXMYSJE")(row)
    assert row["MXXMYSJE"] == "10.05"


def test_planting_leaves_the_given_rows_alone_and_marks_what_it_changed(rows: dict[str, list[Row]]) -> None:
    before = [dict(row) for row in rows["TB_MZ_SFMXB"]]
    after, planted = plant(rows["TB_MZ_SFMXB"], "TB_MZ_SFMXB", dict.fromkeys(KINDS, 0.02), Random(1))
    assert rows["TB_MZ_SFMXB"] == before
    assert {fault.kind for fault in planted.values()} == set(KINDS) - {"orphan_patient"}
    extra = 0
    for place, row in enumerate(after):
        fault = planted.get(place)
        if fault is not None and fault.duplicate:
            assert row == after[place - 1]
            assert place - 1 not in planted
            extra += 1
        else:
            assert (row == before[place - extra]) == (fault is None)
    assert len(after) == len(before) + extra


def test_about_as_much_is_planted_as_was_asked_for(rows: dict[str, list[Row]]) -> None:
    many = rows["TB_MZ_SFMXB"] * 10
    _, planted = plant(many, "TB_MZ_SFMXB", {"missing_mandatory": 0.05}, Random(1))
    assert 0.04 < len(planted) / len(many) < 0.06
