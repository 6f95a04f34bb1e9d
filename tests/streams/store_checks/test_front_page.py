"""Rules of front pages that compare a stay with others of the same record number, or with the register."""

from __future__ import annotations

from datetime import date

import pytest

from clickhouse.orgs import Org, OrgStore
from tests.streams.store_checks.hospital import DAY, Hospital

TABLE = "TB_BASY"


def stay(hospital: Hospital, came: str, left: str, number: str = "1", record: str = "BA1", **values: str) -> str:
    """A stay has landed; returns its key."""
    row = {"P4": "王小明", "P5": "1", "P13": "990000199003070013", "P830": "1", "P741": "1", **values}
    times = {"P6": "1990-03-07 00:00", "P22": came, "P25": left}
    return hospital.put(TABLE, P3=record, P2=number, **times, **row)


def rows(hospital: Hospital, rule: str) -> list[str]:
    """Keys of the rows that the rule finds on DAY."""
    hospital.run(TABLE)
    return [row["row_key"] for row in hospital.findings(rule)]


def test_stays_of_a_record_number_must_not_overlap(hospital: Hospital) -> None:
    first = stay(hospital, "2026-11-01 10:00", "2026-11-10 09:00", "1")
    second = stay(hospital, "2026-11-09 10:00", "2026-11-20 09:00", "2")
    stay(hospital, "2026-11-20 10:00", "2026-11-20 19:00", "3")
    stay(hospital, "2026-11-01 10:00", "2026-11-20 09:00", "1", record="BA2")
    assert rows(hospital, "HQ008") == sorted([first, second])


@pytest.mark.parametrize("different", [{"P4": "王大明"}, {"P5": "2"}])
def test_name_and_sex_agree_over_the_stays_of_a_record_number(hospital: Hospital, different: dict[str, str]) -> None:
    stay(hospital, "2026-11-01 10:00", "2026-11-10 09:00", "1")
    assert rows(hospital, "HQ009") == []
    stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", "2", **different)
    assert len(rows(hospital, "HQ009")) == 2


def test_admissions_are_numbered_in_the_order_of_their_dates(hospital: Hospital) -> None:
    stay(hospital, "2026-01-01 10:00", "2026-01-10 09:00", "1")
    assert rows(hospital, "HQ010") == []
    late = stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", "2")
    early = stay(hospital, "2026-05-12 10:00", "2026-05-20 09:00", "10")
    assert rows(hospital, "HQ010") == sorted([late, early])


@pytest.mark.parametrize(
    ("left", "values", "found"),
    [
        ("2026-11-10 09:00", {}, True),  # 2 days
        ("2026-10-12 09:00", {}, True),  # 31 days
        ("2026-10-11 09:00", {}, False),  # 32 days
        ("2026-11-10 09:00", {"P830": "2"}, False),  # planned
        ("2026-11-10 09:00", {"P741": "2"}, False),  # transferred
    ],
)
def test_a_readmission_that_was_not_planned_is_found(
    hospital: Hospital, left: str, values: dict[str, str], found: bool
) -> None:
    stay(hospital, "2026-10-01 10:00", left, "1", **values)
    again = stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", "2")
    assert rows(hospital, "HQ153") == ([again] if found else [])


def test_a_key_that_is_sent_for_another_patient_is_found_and_a_correction_is_not(hospital: Hospital) -> None:
    for record, other in (("BA1", {"P4": "李四", "P13": "990000198501010019"}), ("BA2", {"P4": "王晓明"})):
        stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", record=record)
        last = stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", record=record, **other)
        assert (last in rows(hospital, "HQ007")) is (record == "BA1")


def test_the_name_is_the_registered_one(hospital: Hospital) -> None:
    right = Org(org=hospital.org, name="示例市第一人民医院", starts_on=date(2026, 1, 1))
    OrgStore(hospital.clickhouse).save([right])
    stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", "1", P6891="示例市第一人民医院")
    wrong = stay(hospital, "2026-11-12 10:00", "2026-11-20 09:00", "2", P6891="示例一院")
    assert rows(hospital, "HQ002") == [wrong]
    assert hospital.outcome("HQ002", DAY) == (2, 1)


def test_settlements_of_a_stay_are_the_total_of_its_front_page(hospital: Hospital) -> None:
    for visit, number, total in (("V1", "1", "150"), ("V2", "2", "150"), ("V3", "3", None), ("V4", "4", "150")):
        hospital.put("TB_ZY_CRYMXB", JZLSH=visit, BAH="BA1" if visit != "V4" else "", ZYCS=number)
        if total is not None:
            stay(hospital, "2026-11-01 10:00", "2026-11-10 09:00", number, P782=total)
    paid = [("V1", "100"), ("V1", "50"), ("V2", "100"), ("V2", "49.98"), ("V3", "1"), ("V4", "1")]
    keys = [hospital.put("TB_ZY_JSJLB", JZLSH=visit, FYJSZJE=amount) for visit, amount in paid]
    hospital.run("TB_ZY_JSJLB")
    found = sorted(row["row_key"] for row in hospital.findings("ZJ20"))
    assert found == sorted(keys[2:4])  # V3 has no front page yet, V4 no record number
    assert hospital.outcome("ZJ20") == (4, 2)
