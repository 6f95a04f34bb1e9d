"""``unique_store``, ``duplicate`` and ``cross_record``: a row and other rows of its own table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from clickhouse.client import ClickHouse
from tests.streams.store_checks.hospital import DAY, Hospital

CHARGES, STAYS, DIAGNOSES = "TB_MZ_SFMXB", "TB_ZY_CRYMXB", "TB_MZ_ZDMXB"
DAY_BEFORE = date(2026, 11, 19)


@pytest.fixture
def unmerged(clickhouse: ClickHouse) -> Iterator[None]:
    """ClickHouse leaves old versions of rows where they are, for as long as the test takes."""
    clickhouse.command("SYSTEM STOP MERGES")
    yield
    clickhouse.command("SYSTEM START MERGES")


@pytest.mark.usefixtures("unmerged")
def test_a_key_that_was_used_for_two_patients(hospital: Hospital) -> None:
    hospital.put(CHARGES, day=DAY_BEFORE, SFMXID="1", BRZSY="P1")
    hospital.put(CHARGES, SFMXID="1", BRZSY="P2")
    hospital.put(CHARGES, day=DAY_BEFORE, SFMXID="2", BRZSY="P1")
    hospital.put(CHARGES, SFMXID="2", BRZSY="P1")  # a correction
    assert hospital.failed("SF02") == ["1"]
    assert hospital.outcome("SF02") == (2, 1)


@pytest.mark.usefixtures("unmerged")
def test_a_key_used_twice_stays_found_until_the_row_is_sent_again(hospital: Hospital) -> None:
    hospital.put(CHARGES, SFMXID="1", BRZSY="P1")
    hospital.put(CHARGES, SFMXID="1", BRZSY="P2")
    assert hospital.failed("SF02") == ["1"]
    hospital.clickhouse.command("SYSTEM START MERGES")
    hospital.clickhouse.command("OPTIMIZE TABLE tb_mz_sfmxb FINAL")  # drops the older version
    assert hospital.failed("SF02") == ["1"]
    hospital.put(CHARGES, SFMXID="1", BRZSY="P2")
    assert hospital.failed("SF02") == []


@pytest.mark.usefixtures("unmerged")
def test_a_key_may_be_used_again_after_its_row_was_deleted_or_revoked(hospital: Hospital) -> None:
    hospital.put(CHARGES, SFMXID="1", BRZSY="P1")
    hospital.put(CHARGES, SFMXID="1", BRZSY="", deleted=True)
    hospital.put(CHARGES, SFMXID="1", BRZSY="P2")
    hospital.put(CHARGES, SFMXID="2", BRZSY="P1", XGBZ="1")
    hospital.put(CHARGES, SFMXID="2", BRZSY="P2")
    assert hospital.failed("SF02") == []


@pytest.mark.usefixtures("unmerged")
def test_a_patient_whose_number_and_name_both_change_is_another_one(hospital: Hospital) -> None:
    versions = {"1": ("N1", "王小明"), "2": ("N1", "李大明"), "3": ("N3", "王小明"), "4": ("N4", "李大明")}
    for key, (number, name) in versions.items():
        hospital.put("TB_HZXX", BRZSY=key, ZJHM="N1", XM="王小明")
        hospital.put("TB_HZXX", BRZSY=key, ZJHM=number, XM=name)
    assert hospital.failed("HZ02") == ["4"]


def test_another_record_with_the_same_values(hospital: Hospital) -> None:
    for key, visit in (("1", "Z1"), ("2", "Z1"), ("3", "Z2"), ("4", ""), ("5", "")):
        hospital.put(STAYS, day=DAY_BEFORE if key == "2" else DAY, CRYID=key, JZLSH=visit)
    assert hospital.failed("CR04") == ["1"]
    assert hospital.outcome("CR04") == (2, 1)


def test_one_of_several_invoices_is_used_again(hospital: Hospital) -> None:
    invoices = {"1": "A|B", "2": "C", "3": "B", "4": "-", "5": "-", "6": "D|D"}
    for key, numbers in invoices.items():
        hospital.put("TB_MZ_JSMXB", JSJLID=key, JSFPH=numbers)
    assert hospital.failed("JS15") == ["1", "3"]
    assert hospital.outcome("JS15") == (4, 2)


def test_a_charge_that_was_made_twice(hospital: Hospital) -> None:
    rows = {"1": ("V1", "09:00"), "2": ("V1", "09:00"), "3": ("V1", "09:01"), "4": ("V2", "09:00")}
    for key, (visit, time) in rows.items():
        hospital.put(CHARGES, SFMXID=key, JZLSH=visit, MXXMBM="X", FYFSSJ=time, MXXMSSJE="5")
    hospital.put(CHARGES, SFMXID="5", JZLSH="V1", MXXMBM="X", FYFSSJ="09:00", MXXMSSJE="5.01")
    assert hospital.failed("SF31") == ["1", "2"]


def test_a_column_has_one_value_in_its_group(hospital: Hospital) -> None:
    people = {"P1": ("N1", "王小明"), "P2": ("N1", "王小明"), "P3": ("N2", "李大明"), "P4": ("", "a"), "P5": ("", "b")}
    for key, (number, name) in people.items():
        hospital.put("TB_HZXX", BRZSY=key, ZJLX="01", ZJHM=number, XM=name)
    assert hospital.failed("HZ12") == ["P1", "P2"]
    finding = hospital.findings("HZ12")[0]
    assert (finding["column"], finding["value"], finding["severity"]) == ("ZJHM", "N*", "warning")


def test_a_price_may_change_from_day_to_day_but_not_within_one(hospital: Hospital) -> None:
    rows = {"1": (DAY, "A", "5"), "2": (DAY_BEFORE, "A", "6"), "3": (DAY, "B", "5"), "4": (DAY, "B", "6")}
    for key, (day, item, price) in rows.items():
        hospital.put(CHARGES, day=day, SFMXID=key, MXXMBM=item, MXXMDJ=price)
    assert hospital.failed("SF30", days=(DAY, DAY_BEFORE)) == ["3", "4"]


def test_a_group_has_at_most_so_many_rows_of_a_kind(hospital: Hospital) -> None:
    for key, visit, flag in (("1", "V1", "1"), ("2", "V1", "1"), ("3", "V1", "2"), ("4", "V2", "1"), ("5", "V2", "2")):
        hospital.put("TB_MZ_GHMXB", GHJLID=key, JZLSH=visit, GTHBZ=flag)
    assert hospital.failed("GH22") == ["1", "2"]
    assert hospital.outcome("GH22") == (3, 2)


def test_a_visit_with_a_diagnosis_has_exactly_one_main_one(hospital: Hospital) -> None:
    ranks = {"V1": ["01", "02"], "V2": ["02", "02"], "V3": ["01", "01"]}
    for visit, found in ranks.items():
        for place, rank in enumerate(found):
            hospital.put(DIAGNOSES, ZDID=f"{visit}-{place}", JZLSH=visit, ZDZCBM=rank, ZDFFBM="01")
    hospital.put(DIAGNOSES, ZDID="V4-0", JZLSH="V4", ZDZCBM="02", ZDFFBM="02")  # Chinese medicine has its own
    assert hospital.failed("MD15") == ["V2-0", "V2-1", "V3-0", "V3-1"]


def test_diagnoses_are_numbered_without_repeats_and_the_main_one_is_first(hospital: Hospital) -> None:
    visits: dict[str, list[tuple[str | None, str]]] = {
        "V1": [("1", "01"), ("2", "02"), ("10", "02")], "V2": [("1", "01"), ("2", "02"), ("2", "02")],
        "V3": [("1", "02"), ("2", "01")], "V4": [(None, "01")],
    }  # fmt: skip
    for visit, found in visits.items():
        for place, (number, rank) in enumerate(found):
            hospital.put(DIAGNOSES, ZDID=f"{visit}-{place}", JZLSH=visit, ZDSX=number, ZDZCBM=rank)
    assert hospital.failed("MD16") == ["V2-0", "V2-1", "V2-2", "V3-0", "V3-1"]


def test_two_columns_that_must_differ(hospital: Hospital) -> None:
    people = {"1": ("0101", "A", "A"), "2": ("0101", "A", "B"), "3": ("02", "A", "A"), "4": ("0101", "", "")}
    for key, (group, checker, dispenser) in people.items():
        hospital.put("TB_MZ_CFZB", CFZID=key, CFDL=group, CFSHYJSBH=checker, CFTPYJSBH=dispenser)
    assert hospital.failed("CF23") == ["1"]


def test_stays_of_a_patient_do_not_overlap(hospital: Hospital) -> None:
    stays = {
        "1": ("P1", "2026-11-10 08:00", "2026-11-12 08:00"), "2": ("P1", "2026-11-12 08:00", "2026-11-14 08:00"),
        "3": ("P1", "2026-11-13 08:00", "2026-11-20 08:00"), "4": ("P2", "2026-11-01 08:00", None),
        "5": ("P2", "2026-11-20 08:00", None), "6": ("P3", "2026-11-20 08:00", None),
    }  # fmt: skip
    for key, (patient, start, end) in stays.items():
        hospital.put(STAYS, CRYID=key, BRZSY=patient, RYSJ=start, CYSJ=end)
    assert hospital.failed("CR21") == ["2", "3", "4", "5"]


def test_somebody_who_has_been_there_for_half_a_year(hospital: Hospital) -> None:
    first, last = date(2026, 5, 24), date(2026, 5, 25)  # 181 and 180 days before 21 November
    for key, day, out in (("1", first, "0"), ("2", last, "0"), ("3", first, "1")):
        hospital.put(STAYS, day=day, CRYID=key, CYBZ=out)
    assert hospital.failed("CR23", days=(first, last)) == ["1"]


def test_an_injury_calls_for_its_external_cause(hospital: Hospital) -> None:
    rows = "TB_ZY_ZDMXB"
    for key, visit, code in (("1", "Z1", "S52.500"), ("2", "Z2", "S52.500"), ("4", "Z3", "J18.900")):
        hospital.put(rows, ZDID=key, JZLSH=visit, ZDBM=code, ZDZCBM="01", ZDLBBM="1")
    hospital.put(rows, ZDID="3", JZLSH="Z2", ZDBM="W19.900", ZDZCBM="02", ZDLBBM="1")
    assert hospital.failed("ZD22") == ["1"]


def test_at_most_one_bed_a_day(hospital: Hospital) -> None:
    rows = {"1": (DAY, "0307", "1"), "2": (DAY, "0307", "0.5"), "3": (DAY_BEFORE, "0307", "1"), "4": (DAY, "0201", "9")}
    for key, (day, category, quantity) in rows.items():
        hospital.put(
            "TB_ZY_SFMXB", day=day, SFMXID=key, JZLSH="Z1", MXXMBM="CWF", FYSRGLBM=category, MXXMSL=quantity
        )  # fmt: skip
    assert hospital.failed("ZS21", days=(DAY, DAY_BEFORE)) == ["1", "2"]


def test_a_charge_is_settled_once_by_settlements_that_are_valid(hospital: Hospital) -> None:
    for key, state in (("J1", "1"), ("J2", "1"), ("J3", "2")):
        hospital.put("TB_ZY_JSJLB", JSJLID=key, JLSFZT=state)
    rows = {"1": ("J1", "S1"), "2": ("J2", "S1"), "3": ("J1", "S2"), "4": ("J3", "S2")}
    for key, (settlement, charge) in rows.items():
        hospital.put("TB_ZY_JSMXB", JSMXID=key, JSJLID=settlement, SFMXID=charge)
    assert hospital.failed("ZM13") == ["1", "2"]
    assert hospital.outcome("ZM13") == (3, 2)
