"""The standard loads as typed, immutable data, with the settings of the platform."""

from __future__ import annotations

import csv
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from standard.load import DATA, load, read
from standard.model import Check, Column, Standard
from standard.settings import StandardError

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load()


def own_settings(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def column(standard: Standard, table: str, name: str) -> Column:
    return standard.tables[table].by_name[name]


def checks(standard: Standard, table: str, rule: str) -> tuple[Check, ...]:
    return standard.rules[(table, rule)].checks


def test_no_rule_of_the_standard_is_lost(standard: Standard) -> None:
    with (HERE / "rule_ids.csv").open(encoding="utf-8") as file:
        listed = {(row["table"], row["rule_id"]) for row in csv.DictReader(file)}
    written = {key for key, rule in standard.rules.items() if not rule.generated}
    assert written == listed
    own = 4 + 1 + 16  # sex and age; readmissions and Chinese medicine of front pages
    assert len(listed) == 450 + 152 + own


def test_all_nineteen_daily_tables_have_their_columns(standard: Standard) -> None:
    assert len(standard.daily) == 19
    assert standard.tables.keys() - standard.daily.keys() == {"TB_BASY"}
    assert sum(len(table.columns) for table in standard.daily.values()) == 617
    assert [len(standard.tables[name].columns) for name in ("TB_HZXX", "TB_MZ_SFMXB", "TB_ZY_YPYZMX")] == [46, 39, 59]


def test_a_table_is_found_by_its_alias_in_any_case(standard: Standard) -> None:
    assert standard.table("tb_hzjbxx") is standard.tables["TB_HZXX"]
    assert standard.table("TB_UNKNOWN") is None


def test_nothing_in_the_loaded_standard_can_be_changed(standard: Standard) -> None:
    rule = standard.rules[("TB_MZ_SFMXB", "SF11")]
    with pytest.raises(FrozenInstanceError):
        rule.severity = "warning"  # type: ignore[misc]
    with pytest.raises(TypeError):
        rule.checks[0].params["flag"] = "XGBZ"  # type: ignore[index]
    with pytest.raises(TypeError):
        standard.tables["TB_NEW"] = standard.tables["TB_HZXX"]  # type: ignore[index]
    with pytest.raises(TypeError):
        standard.settings["frequency_per_day"]["01"] = 3
    assert isinstance(rule.checks[0].params["negative"], tuple)


def test_loading_twice_gives_the_same_standard() -> None:
    assert load() is load()
    assert read(DATA).version == load().version
    assert len(load().version) == 12


def test_the_version_changes_with_the_settings(tmp_path: Path, standard: Standard) -> None:
    assert read(DATA, own_settings(tmp_path, "late_hours: 24\n")).version != standard.version


def test_an_empty_settings_file_changes_nothing(tmp_path: Path, standard: Standard) -> None:
    assert read(DATA, own_settings(tmp_path, "")).version == standard.version


def test_the_modify_flag_of_the_platform_reaches_columns_rules_and_conditions(tmp_path: Path) -> None:
    other = read(DATA, own_settings(tmp_path, "modify_flag: modify_flag_3\n"))
    assert column(other, "TB_MZ_SFMXB", "XGBZ").code_set == "modify_flag_3"
    assert checks(other, "TB_MZ_SFMXB", "SF06")[1].params["code_set"] == "modify_flag_3"
    assert checks(other, "TB_MZ_ZDMXB", "MD23")[0].params["values"] == ("2",)
    assert checks(other, "TB_MZ_GHMXB", "GH22")[0].when["XGBZ"] == {"not_in": ("2",)}


def test_the_admission_route_of_the_platform_is_a_setting(tmp_path: Path, standard: Standard) -> None:
    other = read(DATA, own_settings(tmp_path, "admission_route: cv\n"))
    assert column(standard, "TB_ZY_CRYMXB", "RYTJ").code_set == "admission_route_hqms"
    assert column(other, "TB_ZY_CRYMXB", "RYTJ").code_set == "admission_route_cv"
    assert other.code_sets["admission_route_cv"].codes["1"].name_zh == "门诊"


def test_unmapped_codes_can_be_made_errors(tmp_path: Path, standard: Standard) -> None:
    other = read(DATA, own_settings(tmp_path, "unmapped_severity: error\n"))
    for wanted, found in (("warning", standard), ("error", other)):
        severities = [check.severity for check in checks(found, "TB_MZ_GHMXB", "GH16") if check.kind == "mapping"]
        assert severities == [wanted]


def test_a_frequency_of_the_platform_can_be_added(tmp_path: Path) -> None:
    other = read(DATA, own_settings(tmp_path, 'frequency_per_day: {"88": 6}\n'))
    assert other.settings["frequency_per_day"]["88"] == 6
    assert other.settings["frequency_per_day"]["01"] == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("late_hour: 24\n", "unknown setting 'late_hour'"),
        ("identity_maps: {surgery: true}\n", "unknown setting 'surgery'"),
        ("modify_flag: other\n", "it can be modify_flag or modify_flag_3"),
        ("late_hours: soon\n", "must be a"),
        ("late_hours: true\n", "must be a"),
        ("frequency_per_day: 3\n", "must be a mapping"),
        ("- 1\n", "must be a mapping of settings"),
        ("{", "cannot read the settings"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(StandardError, match=sentence):
        read(DATA, own_settings(tmp_path, text))


def test_a_missing_settings_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StandardError, match="cannot read the settings"):
        read(DATA, tmp_path / "none.yaml")


def test_every_personal_column_is_marked_for_masking(standard: Standard) -> None:
    columns = [column for table in standard.tables.values() for column in table.columns]
    marked = {column.name: column.personal for column in columns if column.personal}
    for name, kind in (
        ("XM", "name"),
        ("HZXM", "name"),
        ("LXRXM", "name"),
        ("KDYSXM", "name"),
        ("YZXDYSXMXDRXM", "name"),
        ("CFSHYJSQM", "name"),
        ("ZJHM", "id_number"),
        ("KDYSSFZHM", "id_number"),
        ("SJHM", "phone"),
        ("LXRDH", "phone"),
        ("JZDZ", "address"),
        ("HKD_MPH", "address"),
        ("DZYJDZ", "email"),
        ("YBKKH", "card"),
    ):
        assert marked[name] == kind
    for name in ("XM", "SFZHM", "XMXDRXM"):
        unmasked = {
            column.name
            for column in columns
            if column.name.endswith(name) and not column.personal and column.name not in ("XMBM", "XMMC")
        }
        assert not unmasked


def test_mapped_columns_have_a_mapping_check_and_no_code_set(standard: Standard) -> None:
    for table in standard.tables.values():
        mapped = {column.name for column in table.columns if column.maps}
        checked = {check.columns[0] for rule in table.rules for check in rule.flight if check.kind == "mapping"}
        assert mapped == checked, table.name
        assert not any(column.maps and column.code_set for column in table.columns)


def test_generated_rules_do_not_repeat_written_ones(standard: Standard) -> None:
    ids = {rule.id for rule in standard.tables["TB_MZ_SFMXB"].rules}
    assert "SF-C-XGBZ" not in ids  # SF06 checks its code set
    assert "SF-M-TFBZ" not in ids  # SF09 makes it mandatory
    assert {"SF-T-MXXMSSJE", "SF-W-MXXMSSJE", "SF-T-FYFSSJ", "SF-W-SFMXID", "SF-M-MXXMSSJE", "SF-C-SFXMBZBM"} <= ids
    # a written mandatory check under a condition leaves the column's own obligation alone
    assert "CF-M-CFDL" not in {rule.id for rule in standard.tables["TB_MZ_CFZB"].rules}


def test_severities_of_generated_rules_are_those_of_the_contract(standard: Standard) -> None:
    for rule in standard.rules.values():
        if rule.generated:
            assert rule.severity == ("warning" if rule.kind in ("code", "parent") else "error"), rule.id


def test_references_without_a_written_rule_have_a_generated_one(standard: Standard) -> None:
    made = {rule.id: rule for rule in standard.rules.values() if rule.generated and rule.kind == "parent"}
    # MD04, CF04, YP04 and QT04 look for the visit among the registrations only
    assert set(made) == {f"{prefix}-P-TB_MZ_JZMXB" for prefix in ("MD", "CF", "YP", "QT")}
    assert made["CF-P-TB_MZ_JZMXB"].checks[0].params == {"table": "TB_MZ_JZMXB", "match": {"JZLSH": "JZLSH"}}


def test_the_catalogues_and_dictionaries_are_filled(standard: Standard) -> None:
    drug = standard.catalogues["drug"]["101900000379"]
    assert drug.name == drug.fields["generic_name"] == "阿莫西林胶囊"
    assert drug.fields["dosage_form_code"] in standard.code_sets["dosage_form"]
    assert standard.catalogues["department"]["03.04"].fields["parent"] == "03"
    assert standard.catalogues["fee"]["0101"].name == "西药费"
    assert standard.catalogues["item"]["250100001138"].fields["category"] == "检验"
    assert standard.dictionaries["icd10"]["J18.900"] == "肺炎"


def test_restrictions_keep_whole_blocks(standard: Standard) -> None:
    pregnancy = [limit for limit in standard.restrictions if ("O00", "O99") in limit.codes]
    assert {limit.sex for limit in pregnancy} == {"2", ""}
    assert any(limit.min_days for limit in pregnancy)
