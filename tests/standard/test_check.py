"""``check`` finds what does not hold together."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from standard.check import check
from standard.load import DATA, load, read
from standard.model import Check, CodeSet, Parent, Rule, Standard, Table
from standard.settings import StandardError, freeze


def problems(standard: Standard) -> list[str]:
    return [str(problem) for problem in check(standard, DATA)]


def with_table(table: Table) -> Standard:
    standard = load()
    return replace(standard, tables=MappingProxyType({**standard.tables, table.name: table}))


def with_check(kind: str, columns: tuple[str, ...], when: dict[str, Any] | None = None, **params: Any) -> Standard:
    """The standard whose TB_MZ_SFMXB has one more rule XX99 with this check."""
    table = load().tables["TB_MZ_SFMXB"]
    made = Check(kind, columns, "flight", "error", freeze(params), freeze(when or {}))
    rule = Rule("XX99", table.name, columns, "error", "要求", "must", "改", "fix", (made,), generated=True)
    return with_table(replace(table, rules=(*table.rules, rule)))


def test_the_delivered_standard_is_sound() -> None:
    assert problems(load()) == []


@pytest.mark.parametrize("settings", ["modify_flag: modify_flag_3", "admission_route: cv", "unmapped_severity: error"])
def test_it_is_sound_under_every_setting_except_for_examples_of_the_other_flag(tmp_path: Path, settings: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(settings, encoding="utf-8")
    found = [problem for problem in check(read(DATA, own), DATA) if "example" not in problem.what]
    assert found == []


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (with_check("mandatory", ("NONE",)), "unknown column NONE"),
        (with_check("guess", ("TFBZ",)), "unknown kind 'guess'"),
        (with_check("range", ("MXXMDJ",)), "range needs one of above, below, max, min, nonzero"),
        (with_check("range", ("MXXMDJ",), minimum=0), "range has no parameter minimum"),
        (with_check("code", ("TFBZ",), code_set="none"), "unknown code_set 'none'"),
        (with_check("pattern", ("TFBZ",), format="none"), "unknown format 'none'"),
        (with_check("pattern", ("TFBZ",), regex="["), "bad regular expression"),
        (with_check("pattern", ("TFBZ",), regex="(?=1)"), "look-around or back reference"),
        (with_check("mapping", ("TFBZ",), maps=["surgery"]), "unknown code map 'surgery'"),
        (with_check("reference", ("TFBZ", "MXXMMC"), dictionary="none"), "unknown dictionary 'none'"),
        (with_check("checksum", ("TFBZ",), algorithm="crc"), "unknown algorithm 'crc'"),
        (with_check("date_order", ("FYFSSJ",)), "date_order looks at 2 columns, not 1"),
        (with_check("arithmetic", ("MXXMSL",), left="MXXMSL", op="ne", right=1), "unknown operator 'ne'"),
        (with_check("arithmetic", ("MXXMSL",), left={"root": "MXXMSL"}, op="eq", right=1), "not a term"),
        (
            with_check("arithmetic", ("MXXMSL",), left={"lookup": "none", "column": "TFBZ"}, op="eq", right=1),
            "there is no table 'none' in the settings",
        ),
        (with_check("empty", ("TFBZ",), when={"NONE": {"filled": True}}), "unknown column NONE"),
        (with_check("empty", ("TFBZ",), when={"TFBZ": {"like": "1"}}), "unknown condition like"),
        (with_check("parent", ("YZMXID",), table="TB_NONE", match={"YZMXID": "ID"}), "unknown table TB_NONE"),
        (
            with_check("parent", ("SYJSID",), table="TB_MZ_JSMXB", match={"SYJSID": "ID"}),
            "unknown column TB_MZ_JSMXB.ID",
        ),
    ],
)
def test_a_dangling_reference_in_a_check_is_found(broken: Standard, sentence: str) -> None:
    found = problems(broken)
    assert all(problem.startswith("TB_MZ_SFMXB XX99: ") for problem in found)
    assert any(sentence in problem for problem in found)


def test_a_rule_that_says_nothing_is_found() -> None:
    table = load().tables["TB_HZXX"]
    silent = replace(table.rules[0], id="XX99", zh="", fix_en=" ", checks=())
    found = problems(with_table(replace(table, rules=(*table.rules, silent))))
    assert found == ["TB_HZXX XX99: has no zh", "TB_HZXX XX99: has no fix_en", "TB_HZXX XX99: has no checks"]


def test_two_rules_with_one_id_are_found() -> None:
    table = load().tables["TB_HZXX"]
    found = problems(with_table(replace(table, rules=(*table.rules, table.rules[0]))))
    assert found == ["TB_HZXX: rule HZ01 stands twice"]


def test_a_rule_of_another_table_with_the_same_id_is_found() -> None:
    tables = load().tables
    table = tables["TB_MZ_GHMXB"]
    found = problems(with_table(replace(table, rules=(*table.rules, replace(table.rules[0], id="HZ05")))))
    assert "TB_MZ_GHMXB: rule HZ05 is one of TB_HZXX already" in found


def test_examples_that_contradict_their_rule_are_found() -> None:
    table = load().tables["TB_HZXX"]
    rule = load().rules[("TB_HZXX", "HZ06")]
    swapped = replace(rule, pass_example=rule.fail_example, fail_example=rule.pass_example)
    rules = tuple(swapped if old.id == "HZ06" else old for old in table.rules)
    assert problems(with_table(replace(table, rules=rules))) == [
        "TB_HZXX HZ06: its pass example violates its code check",
        "TB_HZXX HZ06: its fail example violates nothing",
    ]


def test_a_written_rule_without_examples_is_found() -> None:
    table = load().tables["TB_HZXX"]
    rules = tuple(replace(old, pass_example=freeze({})) if old.id == "HZ06" else old for old in table.rules)
    assert problems(with_table(replace(table, rules=rules))) == ["TB_HZXX HZ06: has no examples"]


def test_a_table_whose_keys_dates_or_parents_dangle_is_found() -> None:
    table = load().tables["TB_MZ_JSMXB"]
    broken = replace(
        table, key=("YLJGDM", "ID"), biz_date="JSFPH", visit_key="NONE", parents=(Parent("TB_NONE", (("A", "B"),)),)
    )
    found = problems(with_table(broken))
    assert len(found) == 4
    assert all(line.startswith("TB_MZ_JSMXB: its ") for line in found)


def test_columns_with_unknown_names_are_found() -> None:
    table = load().tables["TB_MZ_JSMXB"]
    first = replace(table.columns[4], code_set="none", name_en="", width=None, maps=("surgery",))  # type: ignore[arg-type]
    columns = (*table.columns[:4], first, *table.columns[5:])
    assert problems(with_table(replace(table, columns=columns))) == [
        "TB_MZ_JSMXB.JSFPH: has no Chinese or English name",
        "TB_MZ_JSMXB.JSFPH: a text column needs a width",
        "TB_MZ_JSMXB.JSFPH: unknown code set 'none'",
        "TB_MZ_JSMXB.JSFPH: unknown code map 'surgery'",
    ]


def test_a_code_set_without_codes_and_a_format_against_its_example_are_found() -> None:
    standard = load()
    empty = CodeSet("occupation", MappingProxyType({}), "")
    wrong = replace(standard.formats["Postcode"], example="12")
    broken = replace(
        standard,
        code_sets=MappingProxyType({**standard.code_sets, "occupation": empty}),
        formats=MappingProxyType({**standard.formats, "Postcode": wrong}),
    )
    assert problems(broken) == [
        "format Postcode: its example '12' does not match it",
        "code set occupation: has no codes",
    ]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def test_a_code_that_stands_twice_in_a_file_is_found(copy: Path) -> None:
    with (copy / "codes.csv").open("a", encoding="utf-8") as file:
        file.write("gender,1,男性,male,,\n")
    assert [str(problem) for problem in check(read(copy), copy)] == ["codes.csv: gender/1 stands twice"]


def test_columns_and_rules_of_unknown_tables_are_found(copy: Path) -> None:
    with (copy / "columns.csv").open("a", encoding="utf-8") as file:
        file.write("TB_NEW,1,ID,编号,ID,text,9,,,,,,,,,\n")
    (copy / "rules" / "TB_OLD.yaml").write_text("[]\n", encoding="utf-8")
    assert [str(problem) for problem in check(read(copy), copy)] == [
        "columns.csv: unknown table TB_NEW",
        "rules/TB_OLD.yaml: rules of an unknown table",
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("- {kind: guess, columns: [XB]}", "HZ90: unknown kind 'guess'"),
        ("- {kind: code, columns: [XB], set: gender}", "HZ90: code has no parameter set"),
        ("- {kind: code, columns: [XB], code_set: setting:none}", "there is no setting 'none'"),
    ],
)
def test_loading_refuses_a_check_outside_the_vocabulary(copy: Path, line: str, sentence: str) -> None:
    rule = f"- {{id: HZ90, severity: error, zh: a, en: a, fix_zh: a, fix_en: a, checks: [{line[2:]}]}}\n"
    with (copy / "rules" / "TB_HZXX.yaml").open("a", encoding="utf-8") as file:
        file.write(rule)
    with pytest.raises(StandardError, match=sentence):
        read(copy)


def test_loading_refuses_a_rule_without_its_texts(copy: Path) -> None:
    (copy / "rules" / "TB_HZXX.yaml").write_text("- {id: HZ01, severity: error}\n", encoding="utf-8")
    with pytest.raises(StandardError, match="rule HZ01 lacks checks, en, fix_en, fix_zh, zh"):
        read(copy)
