"""``parent`` and ``cross_table``: a row and the rows of another table that it refers to."""

from __future__ import annotations

from datetime import date

from tests.streams.store_checks.hospital import DAY, Hospital

VISITS, REGISTRATIONS, PATIENTS = "TB_MZ_JZMXB", "TB_MZ_GHMXB", "TB_HZXX"
CHARGES, STAYS = "TB_MZ_SFMXB", "TB_ZY_CRYMXB"


def test_a_row_whose_patient_is_not_there_is_an_orphan(hospital: Hospital) -> None:
    hospital.put(PATIENTS, BRZSY="P1")
    hospital.put(VISITS, JZMXID="1", BRZSY="P1")
    hospital.put(VISITS, JZMXID="2", BRZSY="P2")
    assert hospital.failed("JZ03") == ["2"]
    assert hospital.outcome("JZ03") == (2, 1)


def test_the_parent_may_be_of_any_day(hospital: Hospital) -> None:
    hospital.put(PATIENTS, day=date(2020, 2, 29), BRZSY="P1")
    hospital.put(VISITS, BRZSY="P1")
    assert hospital.failed("JZ03") == []


def test_a_parent_of_another_institution_is_none(hospital: Hospital) -> None:
    hospital.put(PATIENTS, BRZSY="P1", YLJGDM="OTHER")
    hospital.put(VISITS, JZMXID="1", BRZSY="P1")
    assert hospital.failed("JZ03") == ["1"]


def test_revoked_and_deleted_parents_do_not_count(hospital: Hospital) -> None:
    hospital.put(PATIENTS, BRZSY="P1", XGBZ="1")
    hospital.put(PATIENTS, BRZSY="P2")
    hospital.put(PATIENTS, BRZSY="P2", deleted=True)
    hospital.put(VISITS, JZMXID="1", BRZSY="P1")
    hospital.put(VISITS, JZMXID="2", BRZSY="P2")
    assert hospital.failed("JZ03") == ["1", "2"]


def test_a_revoked_row_is_not_checked(hospital: Hospital) -> None:
    hospital.put(VISITS, BRZSY="P1", XGBZ="1")
    hospital.run(VISITS)
    assert hospital.outcome("JZ03") == (0, 0)


def test_without_a_value_there_is_nothing_to_look_for(hospital: Hospital) -> None:
    hospital.put(VISITS, BRZSY="")
    hospital.put(VISITS, BRZSY="-")
    hospital.run(VISITS)
    assert hospital.outcome("JZ03") == (0, 0)


def test_one_of_several_parents_is_enough(hospital: Hospital) -> None:
    hospital.put("TB_MZ_YPCFMX", CFMXID="A")
    hospital.put("TB_MZ_QTCFMX", CFMXID="B")
    for key, order in (("1", "A"), ("2", "B"), ("3", "C")):
        hospital.put(CHARGES, SFMXID=key, YZMXID=order, SFCJBM="2")
    hospital.put(CHARGES, SFMXID="4", YZMXID="D", SFCJBM="1")  # a registration fee has no order
    assert hospital.failed("SF23") == ["3"]


def test_a_parent_must_fulfil_the_conditions_on_it(hospital: Hospital) -> None:
    rows = "TB_MZ_ZDMXB"
    hospital.put(rows, ZDID="1", JZLSH="V", BZQBDM="01")
    hospital.put(rows, ZDID="2", JZLSH="V", BZQBDM="02", ZDYBID="1")
    hospital.put(rows, ZDID="3", JZLSH="V", BZQBDM="02", ZDYBID="2")
    hospital.put(rows, ZDID="4", JZLSH="W", BZQBDM="02", ZDYBID="1")
    assert hospital.failed("MD13") == ["3", "4"]


def test_references_without_a_written_rule_are_checked_too(hospital: Hospital) -> None:
    hospital.put(VISITS, JZLSH="V1")
    hospital.put("TB_MZ_CFZB", CFZID="1", JZLSH="V1")
    hospital.put("TB_MZ_CFZB", CFZID="2", JZLSH="V2")
    assert hospital.failed("CF-P-TB_MZ_JZMXB") == ["2"]
    assert hospital.findings("CF-P-TB_MZ_JZMXB")[0]["severity"] == "warning"


def test_values_that_must_be_the_same_in_both_tables(hospital: Hospital) -> None:
    hospital.put(REGISTRATIONS, JZLSH="V1", BRZSY="P1")
    hospital.put(VISITS, JZMXID="1", JZLSH="V1", BRZSY="P1")
    hospital.put(VISITS, JZMXID="2", JZLSH="V1", BRZSY="P2")
    hospital.put(VISITS, JZMXID="3", JZLSH="V9", BRZSY="P2")  # no registration: another rule says so
    assert hospital.failed("JZ05") == ["2"]
    assert hospital.outcome("JZ05") == (2, 1)


def test_one_of_several_rows_that_agrees_is_enough(hospital: Hospital) -> None:
    for code in ("J18.900", "I10.x00"):
        hospital.put(VISITS, JZLSH="V1", JZZDBM=code)
    for key, code in (("1", "I10.x00"), ("2", "K35.900")):
        hospital.put("TB_MZ_ZDMXB", ZDID=key, JZLSH="V1", ZDBM=code, ZDZCBM="01", ZDFFBM="01")
    assert hospital.failed("MD25") == ["2"]


def test_a_row_has_one_finding_a_rule_that_names_the_first_failed_check(hospital: Hospital) -> None:
    hospital.put(REGISTRATIONS, JZLSH="V1", GTHBZ="1")
    hospital.put(REGISTRATIONS, JZLSH="V2", GTHBZ="1")
    hospital.put(REGISTRATIONS, JZLSH="V2", GTHBZ="2")
    for number in (1, 2, 3):
        hospital.put(VISITS, JZMXID=str(number), JZLSH=f"V{number}")
    assert hospital.failed("JZ26") == ["2", "3"]  # cancelled; not registered
    assert hospital.outcome("JZ26") == (3, 2)


def test_so_many_rows_must_or_may_be_there(hospital: Hospital) -> None:
    for prescription, drugs in (("1", 0), ("2", 5), ("3", 6), ("4", 6)):
        hospital.put("TB_MZ_CFZB", CFZID=prescription, CFDL="0101", ZYYPCF="方" if prescription == "4" else "")
        for _ in range(drugs):
            hospital.put("TB_MZ_YPCFMX", CFZID=prescription)
    hospital.put("TB_MZ_CFZB", CFZID="5", CFDL="02")  # no drugs are expected of a laboratory request
    assert hospital.failed("CF22") == ["1", "3"]


def test_rows_that_must_not_be_there(hospital: Hospital) -> None:
    """A cancelled order with an execution, or with a charge of one of its details."""
    orders = "TB_ZY_YZZB"
    for order in ("1", "2", "3"):
        hospital.put(orders, YZZID=order, CXBZ="1")
    hospital.put(orders, YZZID="4", CXBZ="0")
    hospital.put("TB_ZY_YPYZMX", YZID="a", YZZID="1")
    hospital.put("TB_ZY_YPYZMX", YZID="b", YZZID="1", YZZXSJ="09:00")
    hospital.put("TB_ZY_QTYZMX", YZID="c", YZZID="2")
    hospital.put("TB_ZY_SFMXB", YZMXID="c")
    hospital.put("TB_ZY_QTYZMX", YZID="d", YZZID="3")
    hospital.put("TB_ZY_QTYZMX", YZID="e", YZZID="4", YZZXSJ="09:00")
    assert hospital.failed("YZ16") == ["1", "2"]


def test_times_that_must_not_come_before_or_after_others(hospital: Hospital) -> None:
    hospital.put(STAYS, JZLSH="Z1", RYSJ="2026-11-18 10:00", CYSJ="2026-11-20 10:00")
    hospital.put(STAYS, JZLSH="Z2", RYSJ="2026-11-18 10:00", CYSJ=None)
    orders = {
        "1": ("Z1", "2026-11-18 09:59"), "2": ("Z1", "2026-11-18 10:00"), "3": ("Z1", "2026-11-20 10:01"),
        "4": ("Z2", "2026-11-20 23:00"), "5": ("Z2", "2026-11-17 23:00"),
    }  # fmt: skip
    for key, (stay, time) in orders.items():
        hospital.put("TB_ZY_YZZB", YZZID=key, JZLSH=stay, YZXDSJ=time)
    assert hospital.failed("YZ12") == ["1", "3", "5"]


def test_a_tolerance_moves_the_limit(hospital: Hospital) -> None:
    hospital.put(VISITS, JZLSH="V1", JZSJ="2026-11-20 10:00")
    hospital.put("TB_MZ_ZDMXB", ZDID="1", JZLSH="V1", ZDRQSJ="2026-11-19 10:00")
    hospital.put("TB_MZ_ZDMXB", ZDID="2", JZLSH="V1", ZDRQSJ="2026-11-19 09:59")
    assert hospital.failed("MD08") == ["2"]


def test_times_that_lie_within_hours_of_each_other(hospital: Hospital) -> None:
    hospital.put(VISITS, JZLSH="V1", JZSJ="10:00")
    for key, time in (("1", "2026-11-21 10:00"), ("2", "2026-11-21 10:01"), ("3", "2026-11-19 09:00")):
        hospital.put("TB_MZ_CFZB", CFZID=key, JZLSH="V1", KFRQ=time)
    assert hospital.failed("CF13") == ["2", "3"]


def test_names_and_ages_that_agree_with_the_patient(hospital: Hospital) -> None:
    hospital.put(PATIENTS, BRZSY="P1", XM="王小明", XB="1", CSRQ="20160229")  # 10 years old on DAY
    for key, name, age in (("1", "王小明", "10"), ("2", "王小明", "11"), ("3", "王小明", "12"), ("4", "李大明", "10")):
        hospital.put("TB_MZ_CFZB", CFZID=key, BRZSY="P1", HZXM=name, HZXB="1", HZNL=age, KFRQ="10:00")
    assert hospital.failed("CF25") == ["3", "4"]


def test_what_the_patients_age_calls_for(hospital: Hospital) -> None:
    """A child's prescription needs a weight until the 14th birthday."""
    hospital.put(PATIENTS, BRZSY="P1", CSRQ="20121121")
    hospital.put(PATIENTS, BRZSY="P2", CSRQ="20121120")
    hospital.put("TB_MZ_CFZB", CFZID="1", BRZSY="P1", KFRQ="10:00")  # 13 on DAY
    hospital.put("TB_MZ_CFZB", CFZID="2", BRZSY="P2", KFRQ="10:00")  # 14 today
    hospital.put("TB_MZ_CFZB", CFZID="3", BRZSY="P1", KFRQ="10:00", HZTZ="38.5")
    assert hospital.failed("CF26") == ["1"]


def test_what_a_row_expects_of_the_other(hospital: Hospital) -> None:
    hospital.put("TB_MZ_CFZB", CFZID="E", CFLX="02")
    hospital.put("TB_MZ_CFZB", CFZID="N", CFLX="01")
    hospital.put(VISITS, JZLSH="V1", JZZDBM="J18.900")
    hospital.put(VISITS, JZLSH="V2", JZZDBM="I10.x00")
    rows = {"1": ("E", "V1", "3"), "2": ("E", "V1", "4"), "3": ("N", "V1", "30"), "4": ("N", "V1", "31"),
            "5": ("N", "V2", "31")}  # fmt: skip
    for key, (prescription, visit, days) in rows.items():
        hospital.put("TB_MZ_YPCFMX", CFMXID=key, CFZID=prescription, JZLSH=visit, YYTS=days)
    assert hospital.failed("YP19") == ["2", "4"]


def test_a_discharged_patient_needs_a_row_here(hospital: Hospital) -> None:
    """The row that lacks one is of another table, and is named with it."""
    for key, out in (("A", "1"), ("B", "1"), ("C", "0")):
        hospital.put(STAYS, CRYID=key, JZLSH=f"Z{key}", CYBZ=out)
    hospital.put("TB_ZY_ZDMXB", day=date(2026, 11, 23), JZLSH="ZA", ZDLBBM="1")
    hospital.put("TB_ZY_ZDMXB", JZLSH="ZB", ZDLBBM="31")
    assert hospital.failed("ZD25") == ["TB_ZY_CRYMXB:B"]
    assert hospital.outcome("ZD25") == (2, 1)
    finding = hospital.findings("ZD25")[0]
    assert (finding["visit"], finding["biz_date"], finding["column"], finding["value"]) == ("ZB", DAY, "JZLSH", "")


def test_every_charge_of_a_settled_stay_is_in_the_settlement(hospital: Hospital) -> None:
    for stay, scene in (("Z1", "2"), ("Z2", "1")):
        hospital.put("TB_ZY_JSJLB", JSJLID=f"J{stay}", JZLSH=stay, SFCJBM=scene)
    for key, stay in (("1", "Z1"), ("2", "Z1"), ("3", "Z2"), ("4", "Z3")):
        hospital.put("TB_ZY_SFMXB", SFMXID=key, JZLSH=stay)
    hospital.put("TB_ZY_JSMXB", JSJLID="JZ1", SFMXID="1", JZLSH="Z1")
    assert hospital.failed("ZM16") == ["TB_ZY_SFMXB:2"]
    assert hospital.outcome("ZM16") == (2, 1)
